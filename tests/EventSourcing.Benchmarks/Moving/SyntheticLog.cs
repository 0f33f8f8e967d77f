using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Text;

namespace EventSourcing.Benchmarks;

/// <summary>A log made as it is read: events of 150 bytes in many streams in turns, as appends of many callers leave them, with a hole here and there.</summary>
internal sealed class SyntheticLog(int events, int streams) : ILogSource
{
    private static readonly byte[] Metadata = Encoding.UTF8.GetBytes("""{"correlationId":"0197e3a5-8e2c-7a61-9a6e-6c1f2b3d4e5f","actor":"benchmark"}""");
    private static readonly DateTimeOffset Then = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly byte[][] payloads = [.. Enumerable.Range(0, 100).Select(n => Encoding.UTF8.GetBytes($$"""{"quantity":{{n}},"customer":"C-17850","note":"{{new string('x', 106 - $"{n}".Length)}}"}"""))];

    public string Name => "synthetic";

    /// <summary>Whether the events are tagged.</summary>
    public bool IsTagged { get; init; }

    public Task<LogPosition> GetEndAsync(CancellationToken cancellationToken = default) => Task.FromResult(PositionOf(events - 1));

    public async IAsyncEnumerable<RecordedEvent> ReadAsync(LogPosition after, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        await Task.CompletedTask;
        for (var i = 0; i < events; i++)
        {
            if (PositionOf(i) > after)
            {
                yield return EventOf(i);
            }
        }
    }

    /// <summary>A digest of what a store hands out.</summary>
    public static async Task<string> DigestAsync(IAsyncEnumerable<RecordedEvent> log, CancellationToken cancellationToken)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        await foreach (var one in log.WithCancellation(cancellationToken))
        {
            hash.AppendData(Encoding.UTF8.GetBytes($"{one.Position} {one.Stream} {one.Version} {one.Id} {one.Type} {one.RecordedAt.UtcTicks / TimeSpan.TicksPerMicrosecond} {string.Join(',', one.Tags)}"));
            hash.AppendData(one.Metadata.Span);
            hash.AppendData(one.Data.Span);
        }

        return Convert.ToHexString(hash.GetHashAndReset());
    }

    private static LogPosition PositionOf(int i) => new(i + 1 + (i / 1_000));

    private RecordedEvent EventOf(int i) => new()
    {
        Position = PositionOf(i),
        Stream = $"order-{i % streams}",
        Version = new StreamVersion((i / streams) + 1),
        Id = new Guid(i, 0x1234, 0x7456, 0x80, 0, 0, 0, 0, 0, 0, 1),
        Type = Orders.EventType,
        Data = payloads[i % payloads.Length],
        Metadata = Metadata,
        Tags = IsTagged ? [$"order:{i % streams}"] : [],
        RecordedAt = Then.AddMilliseconds(i),
    };
}
