namespace EventSourcing;

/// <summary>A log that can be stored anew elsewhere by <see cref="ILogRestore"/>: a file, another store, another system's tables.</summary>
/// <remarks>Its events rise in position; those of a stream have the versions 1, 2, 3 … in this order, but for what
/// <see cref="ReadStreamsAsync"/> tells. However often it is read, it gives the same events: an interrupted restore goes on behind the last
/// one that it has stored.</remarks>
public interface ILogSource
{
    /// <summary>By what the source is known again when an interrupted restore goes on: something of its own content, not of its place.</summary>
    string Name { get; }

    /// <summary>Where it ends.</summary>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The position of its last event, or a higher one that no event of it is beyond.</returns>
    Task<LogPosition> GetEndAsync(CancellationToken cancellationToken = default);

    /// <summary>Which of its streams are not simply there from version 1 on.</summary>
    /// <remarks>The default tells of none.</remarks>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <returns>The streams that begin with a higher version, because they were truncated where they come from, and those that are
    /// deleted.</returns>
    IAsyncEnumerable<StreamInfo> ReadStreamsAsync(CancellationToken cancellationToken = default) => AsyncEnumerable.Empty<StreamInfo>();

    /// <summary>Reads it.</summary>
    /// <param name="after">The position of the last event that is not wanted any more.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <returns>The events beyond, as they are to be stored: position, version, id, time and all.</returns>
    IAsyncEnumerable<RecordedEvent> ReadAsync(LogPosition after, CancellationToken cancellationToken = default);
}
