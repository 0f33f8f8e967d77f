namespace EventSourcing;

/// <summary>Hands the events of a stream to a fold: what it needs of each, and the whole event where upcasters may ask for it; without
/// them it is not even read.</summary>
internal sealed class StreamReplay(IEventStore store, EventSerializer serializer)
{
    public delegate void Taking(ReplayedEvent replayed, RecordedEvent? recorded);

    public async Task RunAsync(StreamName stream, StreamVersion after, Taking take, CancellationToken cancellationToken)
    {
        if (serializer.Personal is not { } personal)
        {
            await ReadAsync(stream, after, take, cancellationToken).ConfigureAwait(false);
            return;
        }

        // From the first event on whose key is not at hand they wait, so that all keys are asked for at once, and not amid the reading.
        var waiting = new List<Waiting>();
        await ReadAsync(
                stream,
                after,
                (replayed, recorded) =>
                {
                    if (waiting.Count == 0 && personal.IsPrepared(replayed.Data))
                    {
                        take(replayed, recorded);
                    }
                    else
                    {
                        waiting.Add(new Waiting(replayed.Version, replayed.Position, replayed.Type, recorded?.Data ?? replayed.Data.ToArray(), recorded));
                    }
                },
                cancellationToken)
            .ConfigureAwait(false);
        await personal.PrepareAsync(waiting.Select(one => one.Data), cancellationToken).ConfigureAwait(false);
        foreach (var one in waiting)
        {
            take(new ReplayedEvent { Stream = stream, Version = one.Version, Position = one.Position, Type = one.Type, Data = one.Data.Span }, one.Recorded);
        }
    }

    private async Task ReadAsync(StreamName stream, StreamVersion after, Taking take, CancellationToken cancellationToken)
    {
        if (!serializer.LiftsAny)
        {
            await store.ReplayAsync(stream, after, replayed => take(replayed, null), cancellationToken).ConfigureAwait(false);
            return;
        }

        var options = new StreamReadOptions { From = after.Add(1) };
        await foreach (var recorded in store.ReadStreamAsync(stream, options, cancellationToken).ConfigureAwait(false))
        {
            take(ReplayedEvent.Of(recorded), recorded);
        }
    }

    private readonly record struct Waiting(
        StreamVersion Version, LogPosition Position, string Type, ReadOnlyMemory<byte> Data, RecordedEvent? Recorded);
}
