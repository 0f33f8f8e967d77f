namespace EventSourcing.Torture;

/// <summary>Reads of every part of what is there, compared with a plain look at the whole.</summary>
internal sealed class ReadRound(Trial trial, Random random, Adapter adapter, IReadOnlyList<StreamName> streams)
{
    private readonly HostileText texts = new(random);

    public async Task RunAsync(int count)
    {
        var log = new List<RecordedEvent>();
        await foreach (var one in adapter.Store.ReadAllAsync())
        {
            log.Add(one);
        }

        for (var i = 0; i < count; i++)
        {
            await StreamAsync(log);
            await LogAsync(log);
        }
    }

    private async Task StreamAsync(List<RecordedEvent> log)
    {
        var stream = random.Next(20) == 0 ? default : streams[random.Next(streams.Count)];
        var options = new StreamReadOptions
        {
            Direction = random.Next(2) == 0 ? ReadDirection.Forwards : ReadDirection.Backwards,
            From = random.Next(3) == 0 ? null : new StreamVersion(Place(8)),
            MaxCount = random.Next(3) switch { 0 => null, 1 => int.MaxValue, _ => random.Next(1, 6) },
        };
        var isForwards = options.Direction == ReadDirection.Forwards;
        var own = log.Where(one => one.Stream == stream).OrderBy(one => isForwards ? one.Version.Value : -one.Version.Value);
        var expected = own
            .Where(one => options.From is not { } from || (isForwards ? one.Version >= from : one.Version <= from))
            .Take(options.MaxCount ?? int.MaxValue);
        await CompareAsync("ReadStreamAsync", $"{Trial.Show(stream.ToString())} {options}", stream == default, expected, adapter, store => store.ReadStreamAsync(stream, options));

        var after = new StreamVersion(Place(8));
        var replayed = new List<string>();
        var outcome = await trial.OnceAsync($"ReplayAsync ({adapter.Name})", $"{Trial.Show(stream.ToString())} after {after}", async () =>
        {
            await adapter.Store.ReplayAsync(stream, after, one => replayed.Add($"{one.Version} {one.Position} {one.Type} {Convert.ToHexString(one.Data)}"));
            return string.Join('\n', replayed);
        });
        var whole = string.Join('\n', log.Where(one => one.Stream == stream && one.Version > after).OrderBy(one => one.Version)
            .Select(one => $"{one.Version} {one.Position} {one.Type} {Convert.ToHexString(one.Data.Span)}"));
        trial.Require(
            outcome == (stream == default ? "! InvalidOperationException" : "= " + whole),
            $"ReplayAsync ({adapter.Name}) hands out something else",
            $"for {Trial.Show(stream.ToString())} after {after}: {outcome}");
    }

    private async Task LogAsync(List<RecordedEvent> log)
    {
        var filter = random.Next(3) == 0 ? EventFilter.All : Filter();
        var options = new LogReadOptions
        {
            After = new LogPosition(Place(log.Count + 5)),
            UpTo = random.Next(2) == 0 ? null : new LogPosition(Place(log.Count + 5)),
            Filter = filter,
            PageSize = random.Next(4) switch { 0 => int.MaxValue, 1 => 1_000, 2 => random.Next(20, 60), _ => random.Next(200, 400) },
        };
        var expected = log.Where(one => one.Position > options.After && (options.UpTo is not { } end || one.Position <= end)
            && (filter.Categories.Count == 0 || filter.Categories.Contains(one.Stream.Category))
            && (filter.EventTypes.Count == 0 || filter.EventTypes.Contains(one.Type))
            && StreamBucket.Of(one.Stream) >= filter.Shard.FirstBucket && StreamBucket.Of(one.Stream) < filter.Shard.EndBucket);
        var shown = $"after {options.After} up to {options.UpTo} by {options.PageSize}, categories {Trial.Show(string.Join('|', filter.Categories))}, types "
            + $"{Trial.Show(string.Join('|', filter.EventTypes))}, shard {filter.Shard}";
        await CompareAsync("ReadAllAsync", shown, false, expected, adapter, store => store.ReadAllAsync(options));
    }

    private async Task CompareAsync(
        string what, string input, bool isRefused, IEnumerable<RecordedEvent> expected, Adapter of, Func<IEventStore, IAsyncEnumerable<RecordedEvent>> read)
    {
        var outcome = await trial.OnceAsync($"{what} ({of.Name})", input, async () => await AppendRound.ContentAsync(read(of.Store)));
        var whole = isRefused ? "! InvalidOperationException" : "= " + await AppendRound.ContentAsync(expected.ToAsyncEnumerable());
        trial.Require(outcome == whole, $"{what} ({of.Name}) hands out something else", $"for {input}: {outcome.Length} characters instead of {whole.Length}");
        trial.Run.Checked("reads");
    }

    private EventFilter Filter()
    {
        while (true)
        {
            try
            {
                var count = random.Next(1, 1_025);
                return new EventFilter
                {
                    Categories = [.. Enumerable.Range(0, random.Next(3)).Select(_ => random.Next(4) > 0 ? streams[random.Next(streams.Count)].Category : texts.Next())],
                    EventTypes = random.Next(2) == 0 ? [] : [texts.Next(), texts.NextStorable()],
                    Shard = random.Next(2) == 0 ? StreamShard.All : new StreamShard(random.Next(count), count),
                };
            }
            catch (ArgumentException)
            {
                // A name that no stream and no event can have.
                trial.Run.Operated();
            }
        }
    }

    private long Place(int most) => random.Next(5) switch
    {
        0 => 0,
        1 => long.MaxValue,
        2 => long.MaxValue - random.Next(3_000),
        _ => random.Next(most + 1),
    };
}
