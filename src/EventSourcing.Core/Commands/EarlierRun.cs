namespace EventSourcing;

/// <summary>What an earlier run of a command that has come again has appended.</summary>
internal sealed class EarlierRun(IEventStore store, EventSerializer serializer)
{
    /// <summary>What it came to; null where none has appended to the stream.</summary>
    /// <param name="stream">The stream that it would have appended to.</param>
    /// <param name="ids">The ids of its events, by their number.</param>
    /// <param name="cancellationToken">Gives up.</param>
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

            serializer.DeserializeTo(events, recorded);
            (last, position) = (recorded.Version, recorded.Position);
            count++;
        }

        return new CommandResult(position, [new StreamAppendResult(stream, last)], [.. events.Select(envelope => envelope.Event)]);
    }
}
