namespace EventSourcing.Benchmarks;

/// <summary>Writes streams of orders through the library.</summary>
internal static class OrderStreams
{
    private const int Chunk = 1_000;

    public static async Task AppendAsync(IEventStore store, StreamName stream, int events, CancellationToken cancellationToken)
    {
        for (var from = 0; from < events; from += Chunk)
        {
            var chunk = Enumerable.Range(from + 1, Math.Min(Chunk, events - from)).Select(n => Orders.Serializer.Serialize(Orders.Line(n)));
            await store.AppendAsync(stream, ExpectedVersion.At(from), [.. chunk], cancellationToken);
        }
    }
}
