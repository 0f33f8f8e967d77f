using System.Globalization;
using Dapper;
using Npgsql;

namespace EventSourcing.PostgreSql;

/// <summary>Keeps what processes agree on in the store's schema, in rows alone: no session holds anything, so a proxy that pools
/// transactions may stand in between.</summary>
public sealed class PostgreSqlConsumerStore : IConsumerStore
{
    // A process that is stopped in the middle of a change keeps the others waiting no longer than this.
    private const string Bounds = "set local idle_in_transaction_session_timeout = 2000; set local lock_timeout = 5000";

    private readonly PostgreSqlEventStore store;
    private readonly ConsumerSql sql;

    /// <summary>Makes a consumer store beside an event store.</summary>
    /// <param name="store">The event store whose schema holds the rows.</param>
    public PostgreSqlConsumerStore(PostgreSqlEventStore store)
    {
        ArgumentNullException.ThrowIfNull(store);
        this.store = store;
        sql = new ConsumerSql(store.SchemaName);
    }

    /// <inheritdoc/>
    public Task<ConsumerBoard> ReadAsync(string? consumer = null, CancellationToken cancellationToken = default)
    {
        CheckpointName.ThrowIfInvalid(consumer ?? "any");
        return PostgreSqlErrors.TranslateAsync(store.SchemaName, async () =>
        {
            var connection = await Connecting.OpenAsync(store.DataSource, cancellationToken).ConfigureAwait(false);
            await using (connection.ConfigureAwait(false))
            {
                return await ReadBoardAsync(connection, transaction: null, consumer, cancellationToken).ConfigureAwait(false);
            }
        });
    }

    /// <inheritdoc/>
    public Task<ConsumerBoard> ChangeAsync(Func<ConsumerBoard, ConsumerBoardChange> change, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(change);
        return StoreTransaction.RunAsync(
            store,
            async transaction =>
            {
                await transaction.ExecuteAsync($"{Bounds}; select pg_advisory_xact_lock(@BoardLock)", new { sql.BoardLock }).ConfigureAwait(false);
                var board = await ReadBoardAsync(transaction.Connection, transaction.Transaction, consumer: null, cancellationToken).ConfigureAwait(false);
                await ApplyAsync(change(board), transaction).ConfigureAwait(false);
                return await ReadBoardAsync(transaction.Connection, transaction.Transaction, consumer: null, cancellationToken).ConfigureAwait(false);
            },
            isKept: null,
            cancellationToken);
    }

    /// <inheritdoc/>
    public async Task<bool> TryPromoteAsync(string consumer, int generation, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(consumer);
        var schema = new ReadModelSchema(store.SchemaName, consumer);
        var isPromoted = await StoreTransaction.RunAsync(
            store,
            async transaction =>
            {
                // Rows before the board: a page that takes long does not keep all processes from saying that they are there.
                await transaction
                    .ExecuteAsync($"{Bounds}; {sql.LockAll}; select pg_advisory_xact_lock(@BoardLock)", new { Name = consumer, sql.BoardLock })
                    .ConfigureAwait(false);
                return await PromoteAsync(transaction, sql, schema, consumer, generation).ConfigureAwait(false);
            },
            isKept: null,
            cancellationToken).ConfigureAwait(false);
        if (isPromoted)
        {
            await DropRetiredAsync(schema).ConfigureAwait(false);
        }

        return isPromoted;
    }

    /// <summary>Puts what has been built in the place of what serves, in a transaction; false where it is behind.</summary>
    internal static async Task<bool> PromoteAsync(
        ProjectionTransaction transaction, ConsumerSql sql, ReadModelSchema schema, string consumer, int generation)
    {
        var isPromoted = await transaction
            .QueryAsync<bool>(
                sql.Promote,
                new { Name = consumer, Generation = generation, Serving = schema.Name, Built = schema.Built(generation), Retired = schema.Retired(generation) })
            .ConfigureAwait(false);
        return isPromoted[0];
    }

    private async Task<ConsumerBoard> ReadBoardAsync(
        NpgsqlConnection connection, NpgsqlTransaction? transaction, string? consumer, CancellationToken cancellationToken)
    {
        var results = await connection
            .QueryMultipleAsync(new CommandDefinition(sql.ReadBoard, new { Name = consumer }, transaction, cancellationToken: cancellationToken))
            .ConfigureAwait(false);
        await using (results.ConfigureAwait(false))
        {
            var rows = await results.ReadAsync<BoardRow>().ConfigureAwait(false);
            var processes = await results.ReadAsync<(Guid Id, string Label, string[] Runs, bool IsAlive)>().ConfigureAwait(false);
            return new ConsumerBoard(
                [.. rows.Select(row => row.ToConsumerRow())],
                [.. processes.Select(process => new ConsumerProcess(process.Id, process.Label, process.Runs, process.IsAlive))]);
        }
    }

    private async Task ApplyAsync(ConsumerBoardChange change, ProjectionTransaction transaction)
    {
        foreach (var key in change.Removed)
        {
            // A reactor has no read model, and a name that need not fit one.
            var drop = ReadModelSchema.Find(store.SchemaName, key.Consumer) is { } schema
                ? $"; drop schema if exists {ReadModelSchema.Quoted(schema.Built(key.Generation))} cascade"
                : string.Empty;
            await transaction.ExecuteAsync(sql.Remove + drop, new { Name = key.Consumer, key.Generation, Shard = (short)key.Shard.Index }).ConfigureAwait(false);
        }

        if (change.Present is { } present)
        {
            await transaction.ExecuteAsync(sql.Present, new { present.Id, present.Label, Runs = present.Runs.ToArray(), change.LeaseTime }).ConfigureAwait(false);
        }

        if (change.Gone is { } gone)
        {
            await transaction.ExecuteAsync(sql.Gone, new { Id = gone }).ConfigureAwait(false);
        }

        foreach (var name in change.Demoted)
        {
            await DemoteAsync(name, transaction.Transaction, transaction.CancellationToken).ConfigureAwait(false);
        }

        foreach (var row in change.Added)
        {
            await transaction.ExecuteAsync(sql.Add, Values(row, row.Epoch)).ConfigureAwait(false);
        }

        if (change.Changed.Count > 0)
        {
            await transaction.ExecuteAsync(sql.Change, Columns(change)).ConfigureAwait(false);
        }

        object Values(ConsumerRow row, long epoch) => new
        {
            Name = row.Key.Consumer,
            row.Key.Generation,
            Shard = (short)row.Key.Shard.Index,
            Shards = (short)row.Key.Shard.Count,
            row.Version,
            IsServing = row.Role == ConsumerRole.Serving,
            Position = row.Position.Value,
            Epoch = epoch,
            row.Owner,
            change.LeaseTime,
            row.IsPaused,
        };
    }

    /// <summary>Appends under way have the row locked, some for as long as a caller's transaction lasts; nobody else is to wait for them.</summary>
    private async Task DemoteAsync(string name, NpgsqlTransaction transaction, CancellationToken cancellationToken)
    {
        const string Savepoint = "demotion";
        await transaction.SaveAsync(Savepoint, cancellationToken).ConfigureAwait(false);
        try
        {
            var statement = $"set local lock_timeout = 100; {sql.Demote}; {Bounds}";
            await transaction.Connection!
                .ExecuteAsync(new CommandDefinition(statement, new { Name = name }, transaction, cancellationToken: cancellationToken))
                .ConfigureAwait(false);
            await transaction.ReleaseAsync(Savepoint, cancellationToken).ConfigureAwait(false);
        }
        catch (PostgresException failure) when (failure.SqlState == PostgresErrorCodes.LockNotAvailable)
        {
            // It stays inline: come again.
            await transaction.RollbackAsync(Savepoint, cancellationToken).ConfigureAwait(false);
        }
    }

    private static object Columns(ConsumerBoardChange change) => new
    {
        Names = change.Changed.Select(one => one.Row.Key.Consumer).ToArray(),
        Generations = change.Changed.Select(one => one.Row.Key.Generation).ToArray(),
        Shards = change.Changed.Select(one => (short)one.Row.Key.Shard.Index).ToArray(),
        Epochs = change.Changed.Select(one => one.Epoch).ToArray(),
        NewEpochs = change.Changed.Select(one => one.Row.Epoch).ToArray(),
        Owners = change.Changed.Select(one => one.Row.Owner).ToArray(),
        ArePaused = change.Changed.Select(one => one.Row.IsPaused).ToArray(),
        States = change.Changed.Select(one => one.Row.State.ToString()).ToArray(),
        Errors = change.Changed.Select(one => one.Row.Error is { } error ? LeasedPage.Storable(error) : null).ToArray(),
        Rates = change.Changed.Select(one => one.Row.EventsPerSecond).ToArray(),
        change.LeaseTime,
    };

    /// <summary>Nobody finds the old read model any more; whoever reads it still is waited for a moment, then it is left to the next
    /// promotion. Not to be cancelled: the run that has promoted may be ended by just that.</summary>
    internal async Task DropRetiredAsync(ReadModelSchema schema)
    {
        try
        {
            await StoreTransaction.RunAsync(
                store,
                async transaction =>
                {
                    var retired = await transaction
                        .QueryAsync<string>($"{Bounds}; {ConsumerSql.FindRetired}", new { Prefix = schema.RetiredPrefix })
                        .ConfigureAwait(false);
                    foreach (var name in retired)
                    {
                        await transaction.ExecuteAsync($"drop schema {ReadModelSchema.Quoted(name)} cascade").ConfigureAwait(false);
                    }

                    return true;
                },
                isKept: null,
                CancellationToken.None).ConfigureAwait(false);
        }
        catch (EventStoreUnavailableException)
        {
            // It is only in the way of the disk.
        }
    }

    private sealed class BoardRow
    {
        public string Name { get; init; } = string.Empty;

        public int Generation { get; init; }

        public short Shard { get; init; }

        public short Shards { get; init; }

        public int Version { get; init; }

        public bool IsServing { get; init; }

        public bool IsInline { get; init; }

        public long Position { get; init; }

        public long Epoch { get; init; }

        public Guid? Owner { get; init; }

        public bool IsHeld { get; init; }

        public bool IsPaused { get; init; }

        public string State { get; init; } = string.Empty;

        public string? Error { get; init; }

        public double EventsPerSecond { get; init; }

        private bool IsKnown => Enum.GetNames<ConsumerState>().Contains(State, StringComparer.Ordinal);

        public ConsumerRow ToConsumerRow()
        {
            try
            {
                return Read();
            }
            catch (ArgumentException unreadable)
            {
                throw new DamagedDataException(
                    string.Create(CultureInfo.InvariantCulture, $"The row of '{Name}', generation {Generation}, shard {Shard} in the table consumers cannot be read: {unreadable.Message}"),
                    unreadable);
            }
        }

        private ConsumerRow Read() => new()
        {
            Key = new ConsumerKey(Name, Generation, new StreamShard(Shard, Shards)),
            Version = Version,
            Role = IsServing ? ConsumerRole.Serving : ConsumerRole.Building,
            IsInline = IsInline,
            Position = new LogPosition(Position),
            Epoch = Epoch,
            Owner = Owner,
            IsHeld = IsHeld,
            IsPaused = IsPaused,

            // Only what its owner last said. A newer version of the library may have other words for it.
            State = IsKnown ? Enum.Parse<ConsumerState>(State) : ConsumerState.Stopped,
            Error = IsKnown ? Error : $"Its owner says that it is '{State}', which this version does not know. {Error}",
            EventsPerSecond = EventsPerSecond,
        };
    }
}
