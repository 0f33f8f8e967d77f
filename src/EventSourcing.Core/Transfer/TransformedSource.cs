using System.Runtime.CompilerServices;

namespace EventSourcing;

/// <summary>A log whose events go through a function. Each reading begins at the first one: only so the versions of the streams are known.</summary>
internal sealed class TransformedSource(ILogSource source, string name, Func<RecordedEvent, IEnumerable<RecordedEvent>> transform) : ILogSource
{
    private LogPosition? end;

    public string Name => $"{source.Name}, {name}";

    /// <summary>How many events come out, which nobody knows before all have been transformed.</summary>
    public async Task<LogPosition> GetEndAsync(CancellationToken cancellationToken = default)
    {
        if (end is null)
        {
            var count = 0L;
            await foreach (var made in AllAsync(cancellationToken).ConfigureAwait(false))
            {
                count = made.Position.Value;
            }

            end = new LogPosition(count);
        }

        return end.Value;
    }

    public async IAsyncEnumerable<RecordedEvent> ReadAsync(LogPosition after, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        await foreach (var made in AllAsync(cancellationToken).ConfigureAwait(false))
        {
            if (made.Position > after)
            {
                yield return made;
            }
        }
    }

    private async IAsyncEnumerable<RecordedEvent> AllAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var versions = new Dictionary<StreamName, long>();
        var position = 0L;
        await foreach (var recorded in source.ReadAsync(LogPosition.Start, cancellationToken).ConfigureAwait(false))
        {
            foreach (var made in Made(recorded))
            {
                var version = versions.GetValueOrDefault(made.Stream) + 1;
                versions[made.Stream] = version;
                yield return made.At(new LogPosition(++position), new StreamVersion(version), made.Id);
            }
        }
    }

    /// <summary>What the function makes of an event, with the ids that it is stored with.</summary>
    private List<RecordedEvent> Made(RecordedEvent recorded)
    {
        var made = new List<RecordedEvent>(1);
        try
        {
            foreach (var one in transform(recorded) ?? throw new ArgumentException("It gives null; for no events it gives an empty list."))
            {
                if (one is null)
                {
                    throw new ArgumentException("It gives null for an event.");
                }

                // With the name: another transformation before this one may have made events of the same one.
                var id = made.Count > 0 && one.Id == recorded.Id ? NamedId.Of($"{name} {recorded.Id} {made.Count}") : one.Id;
                if (made.Exists(other => other.Id == id))
                {
                    throw new ArgumentException($"It gives two events with the id {id}.");
                }

                made.Add(one.At(recorded.Position, recorded.Version, id));
                made[^1].ThrowIfUnfit(int.MaxValue);
            }

            return made;
        }
        catch (Exception failure) when (failure is not OperationCanceledException)
        {
            throw new ArgumentException(
                $"The transformation '{name}' fails at the event '{recorded.Type}' at position {recorded.Position} of the source, of stream '{recorded.Stream}': {failure.Message}", failure);
        }
    }
}
