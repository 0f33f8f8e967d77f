namespace EventSourcing;

/// <summary>Finds what an earlier run of a repeatable command has stored, by the ids that both give to its events.</summary>
internal sealed class EarlierRuns(IEventStore store, EventSerializer serializer)
{
    /// <summary>What the step of an earlier run came to; null where none has appended to the stream.</summary>
    public async Task<CommandResult?> FindAsync(StreamName stream, Func<int, Guid> ids, CancellationToken cancellationToken)
    {
        if (await store.FindVersionAsync(stream, ids(0), cancellationToken).ConfigureAwait(false) is not { } first)
        {
            return null;
        }

        var (count, events, last) = (0, new List<EventEnvelope>(), first);
        var position = LogPosition.Start;
        await foreach (var recorded in store.ReadStreamAsync(stream, new StreamReadOptions { From = first }, cancellationToken).ConfigureAwait(false))
        {
            if (recorded.Id != ids(count))
            {
                break;
            }

            await serializer.PrepareAsync([recorded], cancellationToken).ConfigureAwait(false);
            serializer.DeserializeTo(events, recorded);
            (last, position) = (recorded.Version, recorded.Position);
            count++;
        }

        return new CommandResult(position, [new StreamAppendResult(stream, last)], [.. events.Select(envelope => envelope.Event)]);
    }

    /// <summary>The same of a step that spans several streams, which has appended to all that it changed or to none.</summary>
    public async Task<CommandResult?> FindAsync(
        IReadOnlyList<Aggregate> aggregates, IReadOnlyList<Func<int, Guid>> ids, CancellationToken cancellationToken)
    {
        var found = new CommandResult?[aggregates.Count];
        for (var i = 0; i < found.Length; i++)
        {
            found[i] = await FindAsync(aggregates[i].Stream, ids[i], cancellationToken).ConfigureAwait(false);
            if (found[i] is not null)
            {
                // It may have been stored while the streams before were looked at; now it is, and they show it.
                for (var before = 0; before < i; before++)
                {
                    found[before] ??= await FindAsync(aggregates[before].Stream, ids[before], cancellationToken).ConfigureAwait(false);
                }
            }
        }

        return Array.TrueForAll(found, one => one is null)
            ? null
            : new CommandResult(
                found.Max(one => one?.Position ?? LogPosition.Start),
                [.. found.Select((one, i) => one?.Streams[0] ?? new StreamAppendResult(aggregates[i].Stream, aggregates[i].Version))],
                [.. found.SelectMany(one => one?.Events ?? [])]);
    }
}
