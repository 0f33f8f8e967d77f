namespace EventSourcing;

/// <summary>With which event a stream may begin: with its first one, or with one that stands for those before.</summary>
internal static class StreamBeginning
{
    /// <summary>Whether an event holds all that the ones before it said.</summary>
    public static bool IsSummary(string storedName, EventTypeRegistry types) => types.StoredNamesOf(typeof(IStreamSummary)).Contains(storedName);

    /// <summary>What is to be thrown where a stream begins later, with an event that stands for nothing.</summary>
    /// <param name="store">Knows whether the stream was truncated.</param>
    /// <param name="hole">What is to be thrown where it was not.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public static async Task<Exception> WhyAsync(IEventStore store, DamagedDataException hole, CancellationToken cancellationToken)
    {
        var found = hole.Stream is { } stream ? await store.FindStreamAsync(stream, cancellationToken).ConfigureAwait(false) : null;
        return found is { StandIn: StreamStandIn.Snapshot } ? new StreamTruncatedException(found.Stream, found.FirstVersion) : hole;
    }
}
