namespace EventSourcing;

/// <summary>For adapters: what is wrong with a truncation that is refused.</summary>
public static class MaintenanceRefusals
{
    /// <summary>The stream has no such version to begin with.</summary>
    /// <param name="stream">The stream.</param>
    /// <param name="before">The version.</param>
    /// <returns>The exception to throw.</returns>
    public static Exception OutOfStream(StreamInfo stream, StreamVersion before)
    {
        ArgumentNullException.ThrowIfNull(stream);
        return new ArgumentOutOfRangeException(
            nameof(before), before, $"Stream '{stream.Stream}' is at version {stream.Version}; the first version that stays is one from 2 up to that.");
    }

    /// <summary>The event that would come first is none that stands for those before.</summary>
    /// <param name="stream">The stream.</param>
    /// <param name="before">The version.</param>
    /// <returns>The exception to throw.</returns>
    public static Exception NoSummary(StreamName stream, StreamVersion before) => new InvalidOperationException(
        $"The event of stream '{stream}' at version {before} is no summary: its class is registered and an IStreamSummary where it holds all that those before said.");

    /// <summary>No snapshot stands for what would go.</summary>
    /// <param name="stream">The stream.</param>
    /// <param name="before">The version.</param>
    /// <returns>The exception to throw.</returns>
    public static Exception NoSnapshot(StreamName stream, StreamVersion before) => new InvalidOperationException(
        $"Stream '{stream}' has no stored snapshot of version {before} or a later one: without it its state could not be made any more.");
}
