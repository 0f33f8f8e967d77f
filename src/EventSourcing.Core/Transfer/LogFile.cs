namespace EventSourcing;

/// <summary>
/// A whole log as text: one JSON object a line, every event with its position, version, id, time and bytes, and checksums between them.
/// </summary>
/// <remarks>Any stream will do, a file, a pipe or a compressing one; it stays the caller's to dispose. Neither way holds more of the log in
/// memory than some thousand events.</remarks>
public static class LogFile
{
    /// <summary>Writes the log of a store, as far as it is final now; what is appended meanwhile does not appear.</summary>
    /// <remarks>A stream that can be read and sought and holds an export of the same log already is gone on with, up to the end that it was begun
    /// with: what it holds is verified, and what follows its last good checkpoint is cut off.</remarks>
    /// <param name="store">The store.</param>
    /// <param name="file">Where to, from the stream's position on.</param>
    /// <param name="progress">Told now and then.</param>
    /// <param name="cancellationToken">Ends it; the file can be gone on with.</param>
    /// <returns>What was told last.</returns>
    /// <exception cref="InvalidDataException">The stream holds something else than an export.</exception>
    /// <exception cref="InvalidOperationException">The stream holds an export of another log.</exception>
    /// <exception cref="ArgumentException">The stream holds something that cannot be read.</exception>
    /// <exception cref="EventStoreUnavailableException">The store cannot be reached.</exception>
    public static async Task<ExportProgress> ExportAsync(
        IEventStore store, Stream file, IProgress<ExportProgress>? progress = null, CancellationToken cancellationToken = default) =>
        await ExportAsync(await LogSource.OfAsync(store, cancellationToken).ConfigureAwait(false), file, progress, cancellationToken).ConfigureAwait(false);

    /// <summary>Writes a log from anywhere.</summary>
    /// <inheritdoc cref="ExportAsync(IEventStore, Stream, IProgress{ExportProgress}, CancellationToken)"/>
    /// <param name="source">The log.</param>
    /// <param name="file">Where to, from the stream's position on.</param>
    /// <param name="progress">Told now and then.</param>
    /// <param name="cancellationToken">Ends it; the file can be gone on with.</param>
    public static Task<ExportProgress> ExportAsync(
        ILogSource source, Stream file, IProgress<ExportProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(file);
        return LogFileExport.RunAsync(source, file, progress, cancellationToken);
    }

    /// <summary>Stores a written log anew, in an empty store; interrupted, it goes on when it is called again with the same file.</summary>
    /// <param name="file">The file, at its beginning.</param>
    /// <param name="target">Where to.</param>
    /// <param name="progress">Told after each batch.</param>
    /// <param name="cancellationToken">Ends it; the batches that were told of stay.</param>
    /// <returns>What was told last.</returns>
    /// <exception cref="InvalidDataException">The file is none of this kind, of a later version of it, damaged, or not whole: the message says in
    /// which line. What stands before its last good checkpoint may be stored, and nothing behind.</exception>
    /// <exception cref="InvalidOperationException">The log holds events of something else, or the import has ended already.</exception>
    /// <exception cref="ArgumentException">An event is larger than the store takes; the batches before stay.</exception>
    /// <exception cref="EventStoreUnavailableException">The store cannot be reached.</exception>
    public static async Task<RestoreProgress> ImportAsync(
        Stream file, ILogRestore target, IProgress<RestoreProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(target);
        return await target.RestoreAsync(await OpenAsync(file, cancellationToken).ConfigureAwait(false), progress, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Opens a written log as a source, to be transformed on its way, for example.</summary>
    /// <param name="file">The file, at its beginning. One that cannot be sought is read once only.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The log; reading it throws <see cref="InvalidDataException"/> where it is damaged.</returns>
    /// <exception cref="InvalidDataException">The file is none of this kind, of a later version of it, or damaged at its beginning.</exception>
    public static async Task<ILogSource> OpenAsync(Stream file, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(file);
        return await LogFileSource.OpenAsync(file, cancellationToken).ConfigureAwait(false);
    }
}
