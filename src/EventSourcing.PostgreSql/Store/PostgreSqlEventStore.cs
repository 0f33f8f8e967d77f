using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace EventSourcing.PostgreSql;

/// <summary>Keeps events in PostgreSQL 15 or later.</summary>
/// <remarks>
/// An append is durable when it returns, also where the session or the database has <c>synchronous_commit</c> off: its transaction
/// then has it on. Any number of stores, in any number of processes, may work on one schema.
/// </remarks>
public sealed class PostgreSqlEventStore : IEventStore, ILogRestore, IAsyncDisposable, IDisposable
{
    private readonly PostgreSqlOptions options;
    private readonly EventAppender appender;
    private readonly EventImporter importer;
    private readonly LogRestorer restorer;
    private readonly EventReader reader;
    private readonly AppendSignal appended = new();
    private readonly AppendAnnouncer? announcer;
    private readonly TailWait wait;
    private readonly LogTail tail;
    private readonly LogPages pages;
    private readonly DecisionReads decisions;
    private readonly InlineAppender inlineAppender;
    private IReadOnlyList<InlineProjection>? inlineProjections;

    /// <summary>Makes a store; the schema must be installed before its first use.</summary>
    /// <param name="dataSource">The database; it stays the caller's to dispose. Of an <see cref="NpgsqlMultiHostDataSource"/> the store
    /// uses the primary, whichever that is at the time.</param>
    /// <param name="options">The schema's name and limits.</param>
    /// <param name="time">The clock for pauses; the system's by default.</param>
    /// <param name="logger">Told what the store gets over by itself, such as a lost connection; nobody by default.</param>
    /// <exception cref="ArgumentException">An option is not valid.</exception>
    public PostgreSqlEventStore(
        NpgsqlDataSource dataSource, PostgreSqlOptions? options = null, TimeProvider? time = null, ILogger<PostgreSqlEventStore>? logger = null)
        : this(dataSource, options ?? new PostgreSqlOptions(), time ?? TimeProvider.System, isExact: true, logger: logger)
    {
    }

    internal PostgreSqlEventStore(
        NpgsqlDataSource dataSource, PostgreSqlOptions options, TimeProvider time, bool isExact, RecentEvents? recent = null, ILogger? logger = null)
    {
        ArgumentNullException.ThrowIfNull(dataSource);
        logger ??= NullLogger.Instance;
        this.options = options.Validated();

        // Where there are several servers, the log is where it is written: a standby does not tell who holds positions.
        var hosts = dataSource as NpgsqlMultiHostDataSource;
        DataSource = dataSource = hosts?.WithTargetSession(TargetSessionAttributes.Primary) ?? dataSource;
        SchemaName = new SchemaName(options.Schema);
        Schema = new PostgreSqlSchema(dataSource, SchemaName, options.Partitions, logger);
        Session = new ServerSession(dataSource, SchemaName, options, time, logger) { Hosts = hosts };
        var sql = new Sql(SchemaName);
        var channel = new AppendChannel(SchemaName);
        announcer = options.Notifications ? new AppendAnnouncer(Session, channel, time) : null;
        appender = new EventAppender(Session, sql, OnAppended, time, logger);
        importer = new EventImporter(Session, sql, options.MaxEventBytes, OnAppended);
        restorer = new LogRestorer(Session, sql, options.MaxEventBytes, OnAppended);
        reader = new EventReader(Session, sql);
        wait = new TailWait(SchemaName, reader, time, logger);
        tail = new LogTail(
            new LogFinality(Session, sql, new TailOutage(logger), wait, isExact),
            reader,
            appended,
            () => options.Notifications ? new AppendListener(dataSource, options.ListenConnectionString, Session.Route, channel, appended.Set, time, logger) : null,
            recent ?? new RecentEvents(),
            options.PollingInterval,
            time);
        decisions = new DecisionReads(reader, tail);
        pages = new LogPages(tail, reader, time);
        inlineAppender = new InlineAppender(this, appender, reader, OnAppended);
    }

    /// <summary>The database objects of the store.</summary>
    public PostgreSqlSchema Schema { get; }

    internal NpgsqlDataSource DataSource { get; }

    internal SchemaName SchemaName { get; }

    internal ServerSession Session { get; }

    /// <summary>The projections that appends apply; asked for at the first append, because they in turn need the store.</summary>
    internal Func<IReadOnlyList<InlineProjection>> Inline { get; init; } = () => [];

    /// <summary>Has appends apply a projection; in the place of another of its name.</summary>
    internal void UseInline(InlineProjection projection) => inlineProjections =
        [.. InlineProjections.Where(one => one.Name != projection.Name).Append(projection).OrderBy(one => one.Name, StringComparer.Ordinal)];

    /// <inheritdoc/>
    public Task<AppendResult> AppendAsync(AppendRequest request, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        request.ThrowIfLargerThan(options.MaxEventBytes, options.MaxAppendBytes);
        return EventSourcingTelemetry.MeasureAppendAsync(
            request, this, static (request, store, token) => store.OnceAsync(request, token), cancellationToken);
    }

    /// <summary>
    /// Appends inside the caller's transaction, together with whatever else it writes: durable when the caller commits,
    /// gone when it rolls back.
    /// </summary>
    /// <remarks>
    /// From here to the end of the transaction, readers of the log wait for it, and writers of the same streams too: keep
    /// it short. In a REPEATABLE READ transaction the server may refuse with SQLSTATE 40001; run the transaction again.
    /// </remarks>
    /// <param name="request">The parts of the append.</param>
    /// <param name="transaction">An open transaction on the store's database.</param>
    /// <param name="cancellationToken">Stops waiting; the transaction can then only be rolled back.</param>
    /// <returns>The versions and the last position.</returns>
    /// <exception cref="ConcurrencyConflictException">An expectation is not met; nothing is written, and the transaction
    /// can go on.</exception>
    /// <exception cref="StreamClosedException">A stream is archived or deleted; nothing is written, and the transaction can go on.</exception>
    /// <exception cref="ArgumentException">An event or the append is too large, or the transaction has ended.</exception>
    /// <exception cref="InvalidOperationException">The append has a condition, and the transaction is not READ COMMITTED: it would not see
    /// what has been stored since it began.</exception>
    public Task<AppendResult> AppendAsync(
        AppendRequest request, NpgsqlTransaction transaction, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(transaction);
        request.ThrowIfLargerThan(options.MaxEventBytes, options.MaxAppendBytes);
        return EventSourcingTelemetry.MeasureAppendAsync(
            request,
            (Store: this, Transaction: transaction),
            static (request, state, token) => state.Store.OnceAsync(request, state.Transaction, token),
            cancellationToken);
    }

    /// <summary>
    /// Stores many events of many streams, by binary COPY: the way to bring a history in. Each batch of at most 10,000 events is
    /// stored whole or not at all, in the order given, as if it had been appended.
    /// </summary>
    /// <remarks>
    /// <para>Every part needs an exact expected version, and the events the same ids on every run: then an import that was broken
    /// off is simply run again. What is stored already is recognised and left as it is.</para>
    /// <para>It may run beside appends and other imports. Readers of the log wait for a batch under way, as for any append. A part
    /// of more than 10,000 events is divided.</para>
    /// </remarks>
    /// <param name="parts">The events of a stream at a time; a stream may come again, at the version it was left at.</param>
    /// <param name="progress">Told after each batch.</param>
    /// <param name="cancellationToken">Ends the import; the batches that were told of stay.</param>
    /// <returns>The same as was told last.</returns>
    /// <exception cref="ConcurrencyConflictException">Streams hold other events than expected; nothing of this batch is stored,
    /// earlier ones stay.</exception>
    /// <exception cref="StreamClosedException">A stream is archived or deleted; as for a conflict.</exception>
    /// <exception cref="ArgumentException">A part has no exact expected version, or an event is too large; what came before it
    /// may be stored.</exception>
    /// <exception cref="InvalidOperationException">The application has inline projections, which an import does not apply.</exception>
    /// <exception cref="EventStoreUnavailableException">The store cannot be reached.</exception>
    public Task<ImportProgress> ImportAsync(
        IAsyncEnumerable<StreamAppend> parts, IProgress<ImportProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(parts);
        if (InlineProjections.Count > 0)
        {
            throw new InvalidOperationException("An import does not apply inline projections: import with a store that has none, before they begin.");
        }

        return importer.ImportAsync(parts, progress, cancellationToken);
    }

    /// <inheritdoc/>
    /// <remarks>By binary COPY, in batches of at most 10,000 events and 16 MiB. Appends meanwhile are refused with
    /// <see cref="EventStoreUnavailableException"/>, in every process; readers may follow.</remarks>
    public Task<RestoreProgress> RestoreAsync(
        ILogSource source, IProgress<RestoreProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(source);
        return InlineProjections.Count == 0
            ? restorer.RestoreAsync(source, progress, cancellationToken)
            : throw new InvalidOperationException("A restore does not apply inline projections: restore with a store that has none, before they begin.");
    }

    /// <inheritdoc/>
    public IAsyncEnumerable<RecordedEvent> ReadStreamAsync(
        StreamName stream, StreamReadOptions? options = null, CancellationToken cancellationToken = default)
    {
        _ = stream.Value;
        return reader.ReadStreamAsync(stream, options ?? new StreamReadOptions(), cancellationToken);
    }

    /// <inheritdoc/>
    public Task ReplayAsync(StreamName stream, StreamVersion after, ReplayHandler handler, CancellationToken cancellationToken = default)
    {
        _ = stream.Value;
        ArgumentNullException.ThrowIfNull(handler);
        return reader.ReplayAsync(stream, after, handler, cancellationToken);
    }

    /// <inheritdoc/>
    public Task<StreamVersion?> FindVersionAsync(StreamName stream, Guid eventId, CancellationToken cancellationToken = default)
    {
        _ = stream.Value;
        return reader.FindVersionAsync(stream, eventId, cancellationToken);
    }

    /// <inheritdoc/>
    public Task<StreamInfo?> FindStreamAsync(StreamName stream, CancellationToken cancellationToken = default)
    {
        _ = stream.Value;
        return reader.FindStreamAsync(stream, cancellationToken);
    }

    /// <inheritdoc/>
    public IAsyncEnumerable<StreamInfo> ReadStreamsAsync(CancellationToken cancellationToken = default) => reader.ReadStreamsAsync(cancellationToken);

    /// <inheritdoc/>
    public Task<LogPage> ReadLogAsync(LogReadOptions options, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        return tail.ReadAsync(options, cancellationToken);
    }

    /// <inheritdoc/>
    public IAsyncEnumerable<LogPage> ReadPagesAsync(LogReadOptions options, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        return pages.ReadAsync(options, cancellationToken);
    }

    /// <inheritdoc/>
    public Task<QueryResult> QueryAsync(EventQuery query, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(query);
        return decisions.QueryAsync(query, cancellationToken);
    }

    /// <inheritdoc/>
    public Task<LogHead> GetHeadAsync(CancellationToken cancellationToken = default) => tail.GetHeadAsync(cancellationToken);

    /// <inheritdoc/>
    /// <exception cref="ObjectDisposedException">The store has been disposed.</exception>
    public Task WaitForAppendAsync(LogPosition after, CancellationToken cancellationToken = default) =>
        tail.WaitAsync(after, cancellationToken);

    /// <inheritdoc/>
    public Task<IReadOnlyList<OpenAppend>> GetOpenAppendsAsync(CancellationToken cancellationToken = default) => reader.ReadOpenAppendsAsync(cancellationToken);

    /// <summary>Takes no more appends, lets those under way end, ends all reading and waiting at the end of the log with
    /// <see cref="ObjectDisposedException"/>, and gives back what the store holds; not the data source.</summary>
    public async ValueTask DisposeAsync()
    {
        await appender.DisposeAsync().ConfigureAwait(false);
        await tail.DisposeAsync().ConfigureAwait(false);
        wait.Dispose();
        if (announcer is not null)
        {
            await announcer.DisposeAsync().ConfigureAwait(false);
        }

        await Session.DisposeAsync().ConfigureAwait(false);
    }

    /// <summary>The same, for containers that dispose synchronously: blocks until the appends under way have ended.</summary>
    public void Dispose() => DisposeAsync().AsTask().GetAwaiter().GetResult();

    private IReadOnlyList<InlineProjection> InlineProjections => inlineProjections ??= [.. Inline().OrderBy(one => one.Name, StringComparer.Ordinal)];

    private Task<AppendResult> OnceAsync(AppendRequest request, CancellationToken cancellationToken) => InlineProjections is { Count: > 0 } projections
        ? inlineAppender.AppendAsync(request, projections, cancellationToken)
        : appender.AppendAsync(request, cancellationToken);

    private Task<AppendResult> OnceAsync(AppendRequest request, NpgsqlTransaction transaction, CancellationToken cancellationToken) =>
        InlineProjections is { Count: > 0 } projections
            ? inlineAppender.AppendAsync(request, projections, transaction, cancellationToken)
            : appender.AppendAsync(request, transaction, cancellationToken);

    /// <summary>Events were removed: what is kept of the end of the log may hold some of them.</summary>
    internal void OnRemoved()
    {
        tail.Forget();
        OnAppended();
    }

    private void OnAppended()
    {
        appended.Set();
        announcer?.Announce();
    }
}
