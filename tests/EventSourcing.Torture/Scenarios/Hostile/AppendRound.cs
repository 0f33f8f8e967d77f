using System.Globalization;

namespace EventSourcing.Torture;

/// <summary>Appends of every shape to streams with every name, the same on each adapter: one outcome, one content afterwards.</summary>
internal sealed class AppendRound(Trial trial, Random random, IReadOnlyList<Adapter> adapters)
{
    private readonly HostileText texts = new(random);
    private readonly HostileJson json = new(random);
    private readonly List<StreamName> streams = ["first-1"];
    private readonly List<EventData> known = [];
    private readonly List<AppendRequest> requests = [];

    /// <summary>The streams that were written to, or tried.</summary>
    public IReadOnlyList<StreamName> Streams => streams;

    public async Task RunAsync(int count)
    {
        AddStreams();
        for (var i = 0; i < count; i++)
        {
            if (Request() is { } request)
            {
                await trial.OnAllAsync("AppendAsync", Describe(request), adapters, adapter => AppendAsync(adapter, request));
            }
        }

        await CrowdAsync();
        await CompareAsync();
    }

    /// <summary>The largest appends that anybody should send, and what a store does not take.</summary>
    public async Task LargeAsync(int events, int parts, int bytes)
    {
        var many = new AppendRequest(new StreamAppend(Fresh(), ExpectedVersion.NoStream, [.. Enumerable.Range(0, events).Select(_ => Event())]));
        var wide = new AppendRequest([.. Enumerable.Range(0, parts).Select(_ => new StreamAppend(Fresh(), ExpectedVersion.NoStream, [Event()]))]);
        foreach (var request in new[] { many, wide, many, wide })
        {
            await trial.OnAllAsync("AppendAsync", Describe(request), adapters, adapter => AppendAsync(adapter, request));
        }

        foreach (var size in new[] { bytes - 1, bytes, bytes + 1, bytes * 2 })
        {
            var text = new byte[size];
            Array.Fill(text, (byte)'x');
            (text[0], text[^1]) = ((byte)'"', (byte)'"');
            var request = new AppendRequest(new StreamAppend(Fresh(), ExpectedVersion.NoStream, [Event(), new EventData(Guid.NewGuid(), "large", text)]));
            var outcome = await trial.OnAllAsync("AppendAsync", $"an event of {size} bytes", adapters, adapter => AppendAsync(adapter, request));
            trial.Require(outcome.StartsWith('=') == size <= bytes, "The limit of an event's size is another", $"{size} bytes where {bytes} are taken: {outcome}");
        }

        await CompareAsync();
    }

    /// <summary>All that the adapters hold is the same, each stream in the same order.</summary>
    public async Task CompareAsync()
    {
        foreach (var stream in streams.Where(_ => random.Next(4) == 0 || streams.Count < 40))
        {
            await trial.OnAllAsync("ReadStreamAsync", Trial.Show(stream.Value), adapters, async adapter => await ContentAsync(adapter.Store.ReadStreamAsync(stream)));
        }

        // Appends that ran at once may stand in any order.
        await trial.OnAllAsync("ReadAllAsync", "the whole log", adapters, async adapter =>
            string.Join('\n', (await ContentAsync(adapter.Store.ReadAllAsync())).Split('\n').Order(StringComparer.Ordinal)));
    }

    public static async Task<string> ContentAsync(IAsyncEnumerable<RecordedEvent> events)
    {
        var all = new List<string>();
        await foreach (var one in events)
        {
            // The repository gives events ids of its own, others for each adapter.
            var id = one.Stream.Category == TypedRound.Category ? Guid.Empty : one.Id;
            all.Add($"{Hex(one.Stream.Value)} {one.Version} {id} {Hex(one.Type)} {Convert.ToHexString(one.Data.Span)} {Convert.ToHexString(one.Metadata.Span)}");
        }

        return string.Join('\n', all);
    }

    public static async Task<string> AppendAsync(Adapter adapter, AppendRequest request)
    {
        try
        {
            var result = await adapter.Store.AppendAsync(request);
            return (result.AlreadyStored ? "already " : "stored ") + string.Join(',', result.Streams);
        }
        catch (ConcurrencyConflictException conflict)
        {
            return "conflict " + string.Join(',', conflict.Conflicts);
        }
    }

    private static string Hex(string text) => Convert.ToHexString(System.Text.Encoding.Unicode.GetBytes(text));

    private void AddStreams()
    {
        for (var i = 0; i < 6; i++)
        {
            var text = texts.Next();
            foreach (var name in new[] { text, texts.Variant(text) })
            {
                try
                {
                    var stream = new StreamName(name);
                    if (!streams.Contains(stream))
                    {
                        streams.Add(stream);
                    }
                }
                catch (ArgumentException)
                {
                    // What is no name at all is the other round's to see.
                }
            }
        }
    }

    /// <summary>Many callers at once, each to a stream of its own: coalesced where an adapter does so.</summary>
    private async Task CrowdAsync()
    {
        var parts = streams.OrderBy(_ => random.Next()).Take(24)
            .Select(stream => new StreamAppend(stream, random.Next(2) == 0 ? ExpectedVersion.Any : ExpectedVersion.At(random.Next(6)), [Event(), Event()]))
            .ToArray();
        var outcomes = new List<string[]>();
        foreach (var adapter in adapters)
        {
            outcomes.Add(await Task.WhenAll(parts.Select(part => trial.OnceAsync(
                $"AppendAsync ({adapter.Name})", Trial.Show(part.Stream.Value), () => AppendAsync(adapter, new AppendRequest(part))))));
        }

        for (var i = 0; i < parts.Length; i++)
        {
            trial.Require(
                outcomes.TrueForAll(one => one[i] == outcomes[0][i]),
                "AppendAsync among others: the adapters differ",
                $"for {Trial.Show(parts[i].Stream.Value)}: {string.Join(" / ", outcomes.Select(one => one[i]))}");
        }
    }

    private AppendRequest? Request()
    {
        if (requests.Count > 0 && random.Next(5) == 0)
        {
            return requests[random.Next(requests.Count)];
        }

        try
        {
            var parts = Enumerable.Range(0, random.Next(8) == 0 ? random.Next(9) : 1)
                .Select(_ => new StreamAppend(streams[random.Next(streams.Count)], Expected(), Events(random.Next(8) == 0 ? 0 : random.Next(1, 5))));
            var request = new AppendRequest([.. parts]);
            requests.Add(request);
            return request;
        }
        catch (ArgumentException)
        {
            trial.Run.Operated();
            return null;
        }
    }

    private ExpectedVersion Expected() => random.Next(10) switch
    {
        0 => default,
        1 => ExpectedVersion.StreamExists,
        2 => ExpectedVersion.At(long.MaxValue - random.Next(8)),
        3 or 4 => ExpectedVersion.NoStream,
        5 or 6 => ExpectedVersion.At(random.Next(12)),
        _ => ExpectedVersion.Any,
    } is var expected && expected == default && random.Next(8) > 0 ? ExpectedVersion.Any : expected;

    private List<EventData> Events(int count) => [.. Enumerable.Range(0, count).Select(_ => known.Count > 0 && random.Next(8) == 0 ? known[random.Next(known.Count)] : Event())];

    private EventData Event()
    {
        while (true)
        {
            try
            {
                var made = new EventData(Guid.NewGuid(), texts.NextStorable(), json.Next(), json.NextMetadata());
                known.Add(made);
                return made;
            }
            catch (ArgumentException)
            {
                // Not an event.
            }
        }
    }

    private StreamName Fresh()
    {
        var stream = StreamName.For(texts.NextStorable(), Guid.NewGuid());
        streams.Add(stream);
        return stream;
    }

    private static string Describe(AppendRequest request) => string.Join(
        "; ",
        request.Streams.Take(5).Select(part => string.Create(CultureInfo.InvariantCulture, $"{Trial.Show(part.Stream.Value)} at {part.Expected}: {part.Events.Count} events")));
}
