using Npgsql;
using NpgsqlTypes;

namespace EventSourcing.PostgreSql;

/// <summary>Keeps receipts and messages of reactors in the store's schema.</summary>
public sealed class PostgreSqlReactorStore : IReactorStore
{
    private readonly PostgreSqlEventStore store;
    private readonly ReactorSql sql;

    /// <summary>Makes one beside an event store.</summary>
    /// <param name="store">The event store whose schema holds the rows.</param>
    public PostgreSqlReactorStore(PostgreSqlEventStore store)
    {
        ArgumentNullException.ThrowIfNull(store);
        this.store = store;
        sql = new ReactorSql(store.SchemaName);
    }

    /// <inheritdoc/>
    public Task<ReactorCursor> LoadAsync(ConsumerLease lease, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(lease);
        return store.Session.ReadAsync(
            sql.Load,
            parameters => LeasedPage.BindLease(parameters, lease),
            async row => await row.ReadAsync(cancellationToken).ConfigureAwait(false)
                ? new ReactorCursor(new LogPosition(row.GetInt64(0)), new LogPosition(row.GetInt64(1)))
                : throw new LeaseLostException(lease.Key),
            cancellationToken);
    }

    /// <inheritdoc/>
    public Task<IReadOnlySet<Guid>> FindReceiptsAsync(
        string reactor, LogPosition after, LogPosition upTo, CancellationToken cancellationToken = default)
    {
        CheckpointName.ThrowIfInvalid(reactor);
        return store.Session.ReadAsync<IReadOnlySet<Guid>>(
            sql.FindReceipts,
            parameters =>
            {
                parameters.Add(new NpgsqlParameter<string> { TypedValue = reactor });
                parameters.Add(new NpgsqlParameter<long> { TypedValue = after.Value });
                parameters.Add(new NpgsqlParameter<long> { TypedValue = upTo.Value });
            },
            async row =>
            {
                var found = new HashSet<Guid>();
                while (await row.ReadAsync(cancellationToken).ConfigureAwait(false))
                {
                    found.Add(row.GetGuid(0));
                }

                return found;
            },
            cancellationToken);
    }

    /// <inheritdoc/>
    public Task MoveAsync(ConsumerLease lease, EventPage page, ReactorOutcome? outcome, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(lease);
        ArgumentNullException.ThrowIfNull(page);
        return FencedAsync(
            lease,
            outcome is not null ? sql.MoveHandled : page.Parked is not null ? sql.MoveParked : sql.Move,
            parameters =>
            {
                LeasedPage.BindPage(parameters, page);
                if (outcome is not null)
                {
                    OutcomeColumns.Bind(parameters, outcome);
                }
            },
            cancellationToken);
    }

    /// <inheritdoc/>
    public Task<DueMessage?> FindNextMessageAsync(ConsumerLease lease, TimeSpan within, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(lease);
        return store.Session.ReadAsync(
            sql.FindNextMessage,
            parameters =>
            {
                LeasedPage.BindLease(parameters, lease);
                parameters.Add(new NpgsqlParameter<TimeSpan> { TypedValue = within });
                parameters.Add(new NpgsqlParameter<short> { TypedValue = (short)lease.Key.Shard.FirstBucket });
                parameters.Add(new NpgsqlParameter<short> { TypedValue = (short)lease.Key.Shard.EndBucket });
            },
            async row =>
            {
                if (!await row.ReadAsync(cancellationToken).ConfigureAwait(false))
                {
                    throw new LeaseLostException(lease.Key);
                }

                return row.IsDBNull(0) ? null : new DueMessage(MessageRow.Read(row, lease.Key.Consumer), row.GetTimeSpan(MessageRow.Columns));
            },
            cancellationToken);
    }

    /// <inheritdoc/>
    public Task SettleMessageAsync(
        ConsumerLease lease, ScheduledMessage message, ReactorOutcome outcome, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(lease);
        ArgumentNullException.ThrowIfNull(message);
        ArgumentNullException.ThrowIfNull(outcome);
        return FencedAsync(
            lease,
            sql.SettleMessage,
            parameters =>
            {
                BindMessage(parameters, message);
                OutcomeColumns.Bind(parameters, outcome);
            },
            cancellationToken);
    }

    /// <inheritdoc/>
    public Task PostponeMessageAsync(
        ConsumerLease lease, ScheduledMessage message, TimeSpan? pause, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(lease);
        ArgumentNullException.ThrowIfNull(message);
        return FencedAsync(
            lease,
            sql.PostponeMessage,
            parameters =>
            {
                BindMessage(parameters, message);
                parameters.Add(new NpgsqlParameter<int> { TypedValue = message.Attempts });
                parameters.Add(new NpgsqlParameter { NpgsqlDbType = NpgsqlDbType.Text, Value = message.Error is { } error ? LeasedPage.Storable(error) : DBNull.Value });
                parameters.Add(new NpgsqlParameter { NpgsqlDbType = NpgsqlDbType.Interval, Value = pause is { } time ? time : DBNull.Value });
            },
            cancellationToken);
    }

    /// <inheritdoc/>
    public Task<IReadOnlyList<ScheduledMessage>> ListMessagesAsync(string reactor, CancellationToken cancellationToken = default)
    {
        CheckpointName.ThrowIfInvalid(reactor);
        return store.Session.ReadAsync<IReadOnlyList<ScheduledMessage>>(
            sql.ListMessages,
            parameters => parameters.Add(new NpgsqlParameter<string> { TypedValue = reactor }),
            async row =>
            {
                var found = new List<ScheduledMessage>();
                while (await row.ReadAsync(cancellationToken).ConfigureAwait(false))
                {
                    found.Add(MessageRow.Read(row, reactor));
                }

                return found;
            },
            cancellationToken);
    }

    /// <inheritdoc/>
    public Task<bool> RetryMessageAsync(string reactor, Guid id, CancellationToken cancellationToken = default) =>
        ChangeMessageAsync(sql.RetryMessage, reactor, id, cancellationToken);

    /// <inheritdoc/>
    public Task<bool> RemoveMessageAsync(string reactor, Guid id, CancellationToken cancellationToken = default) =>
        ChangeMessageAsync(sql.RemoveMessage, reactor, id, cancellationToken);

    /// <inheritdoc/>
    public Task<bool> SettleDeadLetterAsync(DeadLetter letter, ReactorOutcome outcome, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(letter);
        ArgumentNullException.ThrowIfNull(outcome);
        return ExecuteAsync(
            sql.SettleDeadLetter,
            parameters =>
            {
                parameters.Add(new NpgsqlParameter<string> { TypedValue = letter.Consumer });
                parameters.Add(new NpgsqlParameter<long> { TypedValue = letter.Position.Value });
                OutcomeColumns.Bind(parameters, outcome);
            },
            cancellationToken);
    }

    /// <inheritdoc/>
    public Task<bool> ResetAsync(string reactor, LogPosition position, CancellationToken cancellationToken = default)
    {
        CheckpointName.ThrowIfInvalid(reactor);
        return new ReactorReset(store, sql).RunAsync(reactor, position, cancellationToken);
    }

    /// <inheritdoc/>
    public async Task PruneReceiptsAsync(string reactor, TimeSpan olderThan, CancellationToken cancellationToken = default)
    {
        CheckpointName.ThrowIfInvalid(reactor);
        int pruned;
        do
        {
            pruned = await store.Session.ReadAsync(
                sql.PruneReceipts,
                parameters =>
                {
                    parameters.Add(new NpgsqlParameter<string> { TypedValue = reactor });
                    parameters.Add(new NpgsqlParameter<TimeSpan> { TypedValue = olderThan });
                },
                row => Task.FromResult(row.RecordsAffected),
                cancellationToken).ConfigureAwait(false);
        }
        while (pruned == ReactorSql.PruneAtOnce);
    }

    private static void BindMessage(NpgsqlParameterCollection parameters, ScheduledMessage message)
    {
        parameters.Add(new NpgsqlParameter<string> { TypedValue = message.Key });
        parameters.Add(new NpgsqlParameter<Guid> { TypedValue = message.Id });
    }

    private Task<bool> ChangeMessageAsync(string statement, string reactor, Guid id, CancellationToken cancellationToken)
    {
        CheckpointName.ThrowIfInvalid(reactor);
        return store.Session.ReadAsync(
            statement,
            parameters =>
            {
                parameters.Add(new NpgsqlParameter<string> { TypedValue = reactor });
                parameters.Add(new NpgsqlParameter<Guid> { TypedValue = id });
            },
            row => Task.FromResult(row.RecordsAffected > 0),
            cancellationToken);
    }

    private async Task FencedAsync(ConsumerLease lease, string statement, Action<NpgsqlParameterCollection> bind, CancellationToken cancellationToken)
    {
        var isHeld = await ExecuteAsync(
            statement,
            parameters =>
            {
                LeasedPage.BindLease(parameters, lease);
                bind(parameters);
            },
            cancellationToken).ConfigureAwait(false);
        if (!isHeld)
        {
            throw new LeaseLostException(lease.Key);
        }
    }

    /// <summary>Runs a statement once, whatever becomes of it, and tells whether its fence had a row.</summary>
    private Task<bool> ExecuteAsync(string statement, Action<NpgsqlParameterCollection> bind, CancellationToken cancellationToken) =>
        PostgreSqlErrors.TranslateAsync(store.SchemaName, () => store.Session.OnConnectionAsync(
            connection => store.Session.RunAsync(
                connection,
                transaction: null,
                statement,
                bind,
                async row => await row.ReadAsync(cancellationToken).ConfigureAwait(false) && row.GetInt64(0) > 0,
                cancellationToken),
            cancellationToken));
}
