using Npgsql;

namespace EventSourcing.PostgreSql;

/// <summary>Keeps public messages in the store's schema, in the table <c>outbox</c>, until they are published.</summary>
public sealed class PostgreSqlOutbox : IOutbox
{
    // What a batch holds in memory; its number of messages is the caller's to bound.
    private const long BatchBytes = 4 * 1024 * 1024;

    private readonly PostgreSqlEventStore store;
    private readonly OutboxSql sql;

    /// <summary>Makes an outbox beside an event store.</summary>
    /// <param name="store">The event store whose schema holds the messages.</param>
    public PostgreSqlOutbox(PostgreSqlEventStore store)
    {
        ArgumentNullException.ThrowIfNull(store);
        this.store = store;
        sql = new OutboxSql(store.SchemaName);
    }

    /// <inheritdoc/>
    public async Task<LogPosition> LoadPositionAsync(ConsumerLease lease, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(lease);
        var position = LogPosition.Start;
        await new LeasedTransaction(store, lease).RunAsync(
            tables: null,
            isSetUp: false,
            (_, at) =>
            {
                position = at;
                return Task.CompletedTask;
            },
            cancellationToken).ConfigureAwait(false);
        return position;
    }

    /// <inheritdoc/>
    public Task WriteAsync(ConsumerLease lease, EventPage page, IReadOnlyList<PublicMessage> messages, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(lease);
        ArgumentNullException.ThrowIfNull(page);
        ArgumentNullException.ThrowIfNull(messages);

        // Not repeated here: a page that was written is refused the second time, and the caller finds out where it stands.
        return PostgreSqlErrors.TranslateAsync(store.SchemaName, () => store.Session.OnConnectionAsync(
            async connection =>
            {
                var batch = new NpgsqlBatch(connection);
                await using (batch.ConfigureAwait(false))
                {
                    if (messages.Count == 0 && page.Parked is null)
                    {
                        // A step past events that say nothing, lost in a crash, is taken again: its commit need not wait for the disk.
                        batch.BatchCommands.Add(new NpgsqlBatchCommand("select set_config('synchronous_commit', 'off', true)"));
                    }

                    var write = new NpgsqlBatchCommand(sql.Write);
                    LeasedPage.BindLease(write.Parameters, lease);
                    LeasedPage.BindPage(write.Parameters, page);
                    OutboxRows.Bind(write.Parameters, messages);
                    batch.BatchCommands.Add(write);
                    if (await store.Session.MayPrepareAsync(connection, cancellationToken).ConfigureAwait(false))
                    {
                        await batch.PrepareAsync(cancellationToken).ConfigureAwait(false);
                    }

                    var rows = await batch.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
                    await using (rows.ConfigureAwait(false))
                    {
                        for (var i = 1; i < batch.BatchCommands.Count; i++)
                        {
                            await rows.NextResultAsync(cancellationToken).ConfigureAwait(false);
                        }

                        return await IsHeldAsync(rows, lease, cancellationToken).ConfigureAwait(false);
                    }
                }
            },
            cancellationToken));
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<OutboxMessage>> ReadAsync(ConsumerLease lease, int count, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(lease);
        return await store.Session.ReadAsync(
            sql.Read,
            parameters =>
            {
                LeasedPage.BindLease(parameters, lease);
                parameters.Add(new NpgsqlParameter<int> { TypedValue = count });
                parameters.Add(new NpgsqlParameter<long> { TypedValue = BatchBytes });
            },
            async rows =>
            {
                var messages = new List<OutboxMessage>();
                var isHeld = false;
                while (await rows.ReadAsync(cancellationToken).ConfigureAwait(false))
                {
                    isHeld = true;
                    if (!await rows.IsDBNullAsync(0, cancellationToken).ConfigureAwait(false))
                    {
                        messages.Add(OutboxRows.Read(rows));
                    }
                }

                return isHeld ? messages : throw new LeaseLostException(lease.Key);
            },
            cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public Task RemoveAsync(ConsumerLease lease, IReadOnlyCollection<long> numbers, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(lease);
        ArgumentNullException.ThrowIfNull(numbers);
        return ChangeAsync(
            sql.Remove, lease, parameters => parameters.Add(new NpgsqlParameter<long[]> { TypedValue = [.. numbers] }), cancellationToken);
    }

    /// <inheritdoc/>
    public Task ParkAsync(ConsumerLease lease, long number, string error, int attempts, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(lease);
        ArgumentNullException.ThrowIfNull(error);
        return ChangeAsync(
            sql.Park,
            lease,
            parameters =>
            {
                parameters.Add(new NpgsqlParameter<long> { TypedValue = number });
                parameters.Add(new NpgsqlParameter<string> { TypedValue = LeasedPage.Storable(error) });
                parameters.Add(new NpgsqlParameter<int> { TypedValue = attempts });
            },
            cancellationToken);
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<ParkedMessage>> ReadParkedAsync(int count, CancellationToken cancellationToken = default) =>
        await store.Session.ReadAsync(
            sql.ReadParked,
            parameters => parameters.Add(new NpgsqlParameter<int> { TypedValue = count }),
            async rows =>
            {
                var parked = new List<ParkedMessage>();
                while (await rows.ReadAsync(cancellationToken).ConfigureAwait(false))
                {
                    const int At = OutboxRows.AfterMessage;
                    parked.Add(new ParkedMessage(
                        OutboxRows.Read(rows).Message, rows.GetString(At), rows.GetInt32(At + 1), new DateTimeOffset(rows.GetDateTime(At + 2))));
                }

                return parked;
            },
            cancellationToken).ConfigureAwait(false);

    /// <inheritdoc/>
    public Task<bool> SettleParkedAsync(Guid messageId, bool isDiscarded, CancellationToken cancellationToken = default) =>
        store.Session.ReadAsync(
            isDiscarded ? sql.Discard : sql.Retry,
            parameters => parameters.Add(new NpgsqlParameter<Guid> { TypedValue = messageId }),
            async rows => await rows.ReadAsync(cancellationToken).ConfigureAwait(false) && rows.GetInt64(0) == 1,
            cancellationToken);

    /// <inheritdoc/>
    public Task<OutboxBacklog> ReadBacklogAsync(CancellationToken cancellationToken = default) => store.Session.ReadAsync(
        sql.ReadBacklog,
        _ => { },
        async rows =>
        {
            await rows.ReadAsync(cancellationToken).ConfigureAwait(false);
            return new OutboxBacklog(rows.GetInt64(0), rows.GetTimeSpan(1), rows.GetInt64(2), rows.GetInt64(3), rows.GetInt64(4));
        },
        cancellationToken);

    /// <summary>A change by the relay: may be repeated, for it comes to the same.</summary>
    private Task<bool> ChangeAsync(string statement, ConsumerLease lease, Action<NpgsqlParameterCollection> bind, CancellationToken cancellationToken) =>
        store.Session.ReadAsync(
            statement,
            parameters =>
            {
                LeasedPage.BindLease(parameters, lease);
                bind(parameters);
            },
            rows => IsHeldAsync(rows, lease, cancellationToken),
            cancellationToken);

    private static async Task<bool> IsHeldAsync(NpgsqlDataReader rows, ConsumerLease lease, CancellationToken cancellationToken) =>
        await rows.ReadAsync(cancellationToken).ConfigureAwait(false) && rows.GetInt64(0) == 1 ? true : throw new LeaseLostException(lease.Key);
}
