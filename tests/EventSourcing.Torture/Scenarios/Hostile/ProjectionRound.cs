using System.Text;

namespace EventSourcing.Torture;

/// <summary>
/// Projections over a log of which every so often an event cannot be read or kept: each event is shown or parked, and the views are a
/// fold of those that are shown.
/// </summary>
internal sealed class ProjectionRound(Trial trial, Random random, IReadOnlyList<Adapter> adapters, IReadOnlyList<ProjectionRunner> runners)
{
    private readonly HostileText texts = new(random);
    private readonly HostileJson json = new(random);

    public async Task RunAsync(int count)
    {
        for (var i = 0; i < count; i++)
        {
            var written = Event();
            var stream = StreamName.For(texts.NextStorable(), random.Next(4));
            await trial.OnAllAsync("AppendAsync", Trial.Show(stream.Value), adapters, adapter => AppendRound.AppendAsync(adapter, new AppendRequest(new StreamAppend(stream, ExpectedVersion.Any, [written]))));
        }

        await trial.OnAllAsync("CatchUpAsync", "a log with poison in it", adapters, async adapter =>
        {
            var runner = runners[adapters.ToList().IndexOf(adapter)];
            await runner.CatchUpAsync();
            var status = (await runner.GetStatusAsync()).Single();
            return $"lag {status.Lag}";
        });
        await trial.OnAllAsync("The views", "a log with poison in it", adapters, ShownAsync);
    }

    /// <summary>The views and what is parked, once it is sure that together they are all that was written.</summary>
    private async Task<string> ShownAsync(Adapter adapter)
    {
        var letters = await adapter.Letters.ListAsync(Texts.UsualName);
        var parked = letters.Select(letter => letter.Position).ToHashSet();
        var views = new SortedDictionary<string, Heard>(StringComparer.Ordinal);
        var projection = new Texts(keepsZero: false);
        await foreach (var recorded in adapter.Store.ReadAllAsync(new LogReadOptions { Filter = new EventFilter { EventTypes = ["said", "touchy"] } }))
        {
            if (!parked.Contains(recorded.Position))
            {
                var envelope = Texts.Serializer.Deserialize(recorded);
                foreach (var key in projection.KeysOf(envelope))
                {
                    views[key] = projection.Fold(views.GetValueOrDefault(key), key, envelope)!;
                }
            }
        }

        var shown = new List<KeyValuePair<string, Heard>>();
        await foreach (var view in adapter.Views.Open(projection).ReadAllAsync())
        {
            shown.Add(view);
        }

        trial.Require(shown.OrderBy(view => view.Key, StringComparer.Ordinal).SequenceEqual(views), $"The views of {adapter.Name} are no fold of what is not parked", $"{shown.Count} views, {views.Count} folded, {parked.Count} parked");
        foreach (var letter in letters)
        {
            trial.Require(letter.Error.Contains("Exception", StringComparison.Ordinal) && letter.Attempts > 0, "A dead letter does not say why", letter.ToString());
        }

        foreach (var (key, view) in views.Where(_ => random.Next(10) == 0))
        {
            trial.Require(await adapter.Views.Open(projection).FindAsync(key) == view, $"A view of {adapter.Name} is not found by its key", Trial.Show(key));
        }

        trial.Run.Checked("views", shown.Count);
        trial.Run.Checked("dead letters", letters.Count);
        // A line each, so that what differs is told alone.
        return string.Join('\n', shown.Select(view => $"{Trial.Show(view.Key)}={view.Value.Times}")
            .Concat(letters.Select(letter => $"parked {Trial.Show(letter.Stream.Value)}").Order(StringComparer.Ordinal)));
    }

    private EventData Event()
    {
        while (true)
        {
            try
            {
                return random.Next(6) switch
                {
                    0 => new EventData(Guid.NewGuid(), "said", json.Next(), json.NextMetadata()),
                    1 => new EventData(Guid.NewGuid(), "touchy", Bytes("""{"text":null}""", "{}", """{"text":""}""", """{"text":"\ud800"}""", """{"text":"long"}""", "[]", "null")),
                    _ => Texts.Serializer.Serialize(new Said(texts.Next(), texts.NextStorable(), random.Next(), DateTimeOffset.UtcNow, null, Mood.Cross)),
                };
            }
            catch (Exception refused) when (refused is ArgumentException or EventSerializationException)
            {
                trial.Run.Operated();
            }
        }
    }

    private byte[] Bytes(params string[] some) => Encoding.UTF8.GetBytes(some[random.Next(some.Length)]);
}
