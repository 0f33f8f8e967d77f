namespace EventSourcing;

/// <summary>Finds the event of a dead letter in the log.</summary>
internal static class DeadLetterEvents
{
    /// <summary>The event, as the log holds it and upcasters lift it.</summary>
    /// <exception cref="InvalidOperationException">The log does not hold the event.</exception>
    public static async Task<IReadOnlyList<EventEnvelope>> FindAsync(
        IEventStore store, EventSerializer serializer, DeadLetter letter, CancellationToken cancellationToken)
    {
        var options = new LogReadOptions { After = new LogPosition(letter.Position.Value - 1), UpTo = letter.Position, PageSize = 1 };
        var page = await store.ReadLogAsync(options, cancellationToken).ConfigureAwait(false);
        await serializer.PrepareAsync(page.Events, cancellationToken).ConfigureAwait(false);
        return page.Events is [var found] && found.Id == letter.EventId
            ? serializer.DeserializeAll(found)
            : throw new InvalidOperationException($"The log has no event {letter.EventId} at position {letter.Position}.");
    }
}
