namespace EventSourcing.Benchmarks;

/// <summary>The log that is projected, and what it comes to, folded in memory without any store.</summary>
internal sealed class OrderLog(int events, int streams, bool isClustered)
{
    private static readonly DateTimeOffset FirstDay = new(2026, 1, 1, 8, 0, 0, TimeSpan.Zero);

    /// <summary>The documents that are right, by stream.</summary>
    public Dictionary<string, OrderView> Expected { get; } = new(StringComparer.Ordinal);

    /// <summary>Fills an empty log.</summary>
    public async Task FillAsync(BenchmarkDatabase database, CancellationToken cancellationToken)
    {
        var imported = await database.Store.ImportAsync(Parts(), cancellationToken: cancellationToken);
        Verify.Equal("the log", events, imported.Stored);
        foreach (var table in new[] { "events", "streams" })
        {
            await database.ExecuteAsync($"vacuum analyze {database.Schema}.{table}", cancellationToken);
        }
    }

    private async IAsyncEnumerable<StreamAppend> Parts()
    {
        for (var i = 0; i < events; i++)
        {
            var (stream, version) = isClustered ? Clustered(i) : (i % streams, (i / streams) + 1);
            var name = $"order-{stream}";
            var @event = Event(stream, version);
            Expected[name] = OrderView.After(Expected.GetValueOrDefault(name), @event, version);
            yield return new StreamAppend(name, version == 1 ? ExpectedVersion.NoStream : ExpectedVersion.At(version - 1), [OrderViews.Serializer.Serialize(@event)]);
        }

        await Task.CompletedTask;
    }

    /// <summary>The streams of the same lengths, one after the other: the first ones have one event more where it does not come out even.</summary>
    private (int Stream, int Version) Clustered(int i)
    {
        var (length, longer) = (events / streams, events % streams);
        var inLonger = longer * (length + 1);
        return i < inLonger
            ? (i / (length + 1), (i % (length + 1)) + 1)
            : (longer + ((i - inLonger) / length), ((i - inLonger) % length) + 1);
    }

    private object Event(int stream, int version)
    {
        var last = (events / streams) + (stream < events % streams ? 1 : 0);
        return version == 1
            ? new OrderPlaced($"C-{stream % 10_000}", stream % 3 == 0 ? "United Kingdom" : "Netherlands", FirstDay.AddMinutes(stream))
            : version == last && last >= 3
                ? new OrderPaid(stream * 100L, "card")
                : new ItemAdded($"P-{version % 4_000}", "WHITE HANGING HEART T-LIGHT HOLDER", (version % 12) + 1, 255 + (stream % 100));
    }
}
