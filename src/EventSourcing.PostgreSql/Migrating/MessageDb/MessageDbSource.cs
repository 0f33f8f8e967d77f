using Npgsql;

namespace EventSourcing.PostgreSql;

/// <summary>The messages of a Message DB database (<c>message_store.messages</c>), to be stored here by <see cref="ILogRestore"/>.
/// It only reads.</summary>
/// <remarks>
/// <para>Positions are Message DB's <c>global_position</c>; a version is its <c>position</c> and one, because the first version is 1
/// here; ids, times, payloads and metadata are kept.</para>
/// <para>Its end is taken when it is opened, behind everything that was being written then.</para>
/// </remarks>
public sealed class MessageDbSource : ILogSource
{
    private readonly ForeignLog log;

    private MessageDbSource(ForeignLog log) => this.log = log;

    /// <inheritdoc/>
    public string Name => log.Name;

    /// <summary>Looks at the table and takes where it ends.</summary>
    /// <param name="dataSource">The database; it stays the caller's.</param>
    /// <param name="options">Schema and names; the defaults where it is null.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The source.</returns>
    /// <exception cref="InvalidOperationException">The table is not there, or not as Message DB makes it.</exception>
    /// <exception cref="TimeoutException">A transaction has been writing for a minute: where the source ends is not known.</exception>
    public static Task<MessageDbSource> OpenAsync(
        NpgsqlDataSource dataSource, MessageDbSourceOptions? options = null, CancellationToken cancellationToken = default) =>
        OpenAsync(dataSource, options, MartenSource.Patience, cancellationToken);

    /// <inheritdoc/>
    public Task<LogPosition> GetEndAsync(CancellationToken cancellationToken = default) => Task.FromResult(log.End);

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">A message does not fit; <see cref="CheckAsync"/> tells of all that do not.</exception>
    /// <exception cref="InvalidOperationException">Rows came or went while it was read.</exception>
    public IAsyncEnumerable<RecordedEvent> ReadAsync(LogPosition after, CancellationToken cancellationToken = default) => log.ReadAsync(after, cancellationToken);

    /// <summary>The dry run: reads all as an import would, stores nothing, and tells what would not fit. Where nothing is found, the import
    /// goes through; whatever is found, the import refuses with the same words.</summary>
    /// <param name="types">Whose classes the events are to be read as; null to leave that open.</param>
    /// <param name="target">The options of the store that it is to go into, for how large an event may be; the defaults where it is null.</param>
    /// <param name="progress">Told every 10,000 messages what was found so far.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns>What was found.</returns>
    /// <exception cref="InvalidOperationException">Rows came or went while it was read.</exception>
    public Task<MigrationReport> CheckAsync(
        EventTypeRegistry? types = null, PostgreSqlOptions? target = null, IProgress<MigrationReport>? progress = null, CancellationToken cancellationToken = default) =>
        log.CheckAsync(types, (target ?? new PostgreSqlOptions()).MaxEventBytes, progress, cancellationToken);

    internal static async Task<MessageDbSource> OpenAsync(
        NpgsqlDataSource dataSource, MessageDbSourceOptions? options, TimeSpan patience, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(dataSource);
        options ??= new MessageDbSourceOptions();
        ArgumentException.ThrowIfNullOrEmpty(options.Schema);
        ArgumentNullException.ThrowIfNull(options.StreamName);
        ArgumentNullException.ThrowIfNull(options.TypeName);
        return new MessageDbSource(await ForeignLog.OpenAsync(
            dataSource, connection => MessageDbTable.FindAsync(connection, options, cancellationToken), patience, cancellationToken).ConfigureAwait(false));
    }
}
