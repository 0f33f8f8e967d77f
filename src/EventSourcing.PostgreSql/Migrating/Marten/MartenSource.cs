using Npgsql;

namespace EventSourcing.PostgreSql;

/// <summary>The events of a Marten database (<c>mt_events</c> and <c>mt_streams</c>), to be stored here by <see cref="ILogRestore"/>.
/// It only reads.</summary>
/// <remarks>
/// <para>Positions are Marten's <c>seq_id</c>; versions, ids, times and payloads are kept, and whatever else Marten knows of an event is
/// in its metadata. Which columns there are is looked up: they differ from version to version.</para>
/// <para>Its end is taken when it is opened, behind everything that was being written then. Marten's rich append mode takes its numbers
/// outside of the transaction that uses them, which nobody can see: stop the writers before, or compare afterwards.</para>
/// </remarks>
public sealed class MartenSource : ILogSource
{
    /// <summary>How long open transactions are waited for.</summary>
    internal static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly ForeignLog log;

    private MartenSource(ForeignLog log) => this.log = log;

    /// <inheritdoc/>
    public string Name => log.Name;

    /// <summary>Looks at the tables and takes where they end.</summary>
    /// <param name="dataSource">The database; it stays the caller's.</param>
    /// <param name="options">Schema and names; the defaults where it is null.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The source.</returns>
    /// <exception cref="InvalidOperationException">The tables are not there, or not as Marten makes them.</exception>
    /// <exception cref="TimeoutException">A transaction has been writing for a minute: where the source ends is not known.</exception>
    public static Task<MartenSource> OpenAsync(
        NpgsqlDataSource dataSource, MartenSourceOptions? options = null, CancellationToken cancellationToken = default) =>
        OpenAsync(dataSource, options, Patience, cancellationToken);

    /// <inheritdoc/>
    public Task<LogPosition> GetEndAsync(CancellationToken cancellationToken = default) => Task.FromResult(log.End);

    /// <inheritdoc/>
    public IAsyncEnumerable<StreamInfo> ReadStreamsAsync(CancellationToken cancellationToken = default) => log.ReadStreamsAsync(cancellationToken);

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">An event does not fit; <see cref="CheckAsync"/> tells of all that do not.</exception>
    /// <exception cref="InvalidOperationException">Rows came or went while it was read.</exception>
    public IAsyncEnumerable<RecordedEvent> ReadAsync(LogPosition after, CancellationToken cancellationToken = default) => log.ReadAsync(after, cancellationToken);

    /// <summary>The dry run: reads all as an import would, stores nothing, and tells what would not fit. Where nothing is found, the import
    /// goes through; whatever is found, the import refuses with the same words.</summary>
    /// <param name="types">Whose classes the events are to be read as; null to leave that open.</param>
    /// <param name="target">The options of the store that it is to go into, for how large an event may be; the defaults where it is null.</param>
    /// <param name="progress">Told every 10,000 events what was found so far.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns>What was found.</returns>
    /// <exception cref="InvalidOperationException">Rows came or went while it was read.</exception>
    public Task<MigrationReport> CheckAsync(
        EventTypeRegistry? types = null, PostgreSqlOptions? target = null, IProgress<MigrationReport>? progress = null, CancellationToken cancellationToken = default) =>
        log.CheckAsync(types, (target ?? new PostgreSqlOptions()).MaxEventBytes, progress, cancellationToken);

    internal static async Task<MartenSource> OpenAsync(
        NpgsqlDataSource dataSource, MartenSourceOptions? options, TimeSpan patience, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(dataSource);
        options ??= new MartenSourceOptions();
        ArgumentException.ThrowIfNullOrEmpty(options.Schema);
        ArgumentNullException.ThrowIfNull(options.StreamName);
        ArgumentNullException.ThrowIfNull(options.TypeName);
        return new MartenSource(await ForeignLog.OpenAsync(
            dataSource, connection => MartenTable.FindAsync(connection, options, cancellationToken), patience, cancellationToken).ConfigureAwait(false));
    }
}
