using System.Runtime.CompilerServices;

namespace EventSourcing.InMemory;

/// <summary>A source's events, checked, in batches: nothing of one is stored where an event of it does not fit.</summary>
internal sealed class RestoreBatches(
    ILogSource source,
    LogPosition end,
    int maxEventBytes,
    Func<StreamName, ReadOnlyMemory<RecordedEvent>> stored,
    IReadOnlyDictionary<StreamName, StreamInfo> special)
{
    private const int Size = 1_000;

    private readonly Dictionary<StreamName, long> versions = [];

    public async IAsyncEnumerable<List<RecordedEvent>> ReadAsync(LogPosition after, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var batch = new List<RecordedEvent>(Size);
        await foreach (var recorded in source.ReadAsync(after, cancellationToken).ConfigureAwait(false))
        {
            ThrowIfUnfit(recorded, after);
            batch.Add(recorded);
            after = recorded.Position;
            if (batch.Count == Size)
            {
                yield return batch;
                batch = new List<RecordedEvent>(Size);
            }
        }

        if (batch.Count > 0)
        {
            yield return batch;
        }
    }

    private void ThrowIfUnfit(RecordedEvent? recorded, LogPosition after)
    {
        if (recorded is null)
        {
            throw new ArgumentException($"The source '{source.Name}' gives null for an event, behind position {after}.", nameof(recorded));
        }

        recorded.ThrowIfUnfit(maxEventBytes);
        if (recorded.Position <= after || recorded.Position > end)
        {
            throw new ArgumentException(
                $"The source '{source.Name}' gives position {recorded.Position} behind position {after}; positions rise, and it said that it ends at {end}.", nameof(recorded));
        }

        var next = NextOf(recorded.Stream);
        if (recorded.Version.Value != next)
        {
            throw new ArgumentException(
                $"The event at position {recorded.Position} of the source has version {recorded.Version} of stream '{recorded.Stream}', where version {next} follows.",
                nameof(recorded));
        }

        versions[recorded.Stream] = next;
    }

    private long NextOf(StreamName stream)
    {
        if (versions.TryGetValue(stream, out var version))
        {
            return version + 1;
        }

        var before = stored(stream);
        return before.IsEmpty ? special.GetValueOrDefault(stream)?.FirstVersion.Value ?? 1 : before.Span[^1].Version.Value + 1;
    }
}
