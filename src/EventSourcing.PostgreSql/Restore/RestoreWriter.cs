using Npgsql;
using NpgsqlTypes;

namespace EventSourcing.PostgreSql;

/// <summary>
/// Stores one batch of a restore in one transaction, in the phases of every append: a key that excludes decisions by what it brings;
/// rows for new streams; the append lock, which whoever takes the restore over waits for; and the events by binary COPY.
/// </summary>
internal sealed class RestoreWriter(ServerSession session, SchemaName schema)
{
    private readonly ImportStatements statements = new(session, schema);
    private readonly ImportCopy copy = new(schema, withTimes: true);

    private readonly string createStreams = $"""
        insert into {schema.Quoted}.streams as s (bucket, name, version)
        select e.bucket, e.name, e.version
        from unnest($1::smallint[], $2::text[], $3::bigint[]) as e (bucket, name, version)
        order by e.bucket, e.name collate "C"
        on conflict (bucket, name) do nothing
        returning s.name, s.stream_id
        """;

    private readonly string findStreams = $"""
        select s.name, s.stream_id, s.version
        from unnest($1::smallint[], $2::text[]) as e (bucket, name)
        join {schema.Quoted}.streams s on s.bucket = e.bucket and s.name = e.name
        """;

    private readonly string readRestore = $"select run, position from {schema.Quoted}.log_restores";

    private readonly string moveRestore = $"update {schema.Quoted}.log_restores set position = $3 where run = $1 and position = $2 returning position";

    /// <summary>Stores a batch, or finds it stored by an earlier attempt.</summary>
    /// <param name="batch">The batch.</param>
    /// <param name="run">The number under which this restore was begun or taken over.</param>
    /// <param name="turn">Told when the next batch may begin, and asked when this one may be committed.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>True.</returns>
    /// <exception cref="ArgumentException">A version does not follow.</exception>
    /// <exception cref="InvalidOperationException">Somebody else has taken the restore over.</exception>
    public async Task<bool> WriteAsync(RestoreBatch batch, int run, ImportTurn turn, CancellationToken cancellationToken)
    {
        try
        {
            return await InTransactionAsync(
                (connection, transaction) => WriteAsync(connection, transaction, batch, run, turn, cancellationToken), cancellationToken).ConfigureAwait(false);
        }
        catch (PostgresException repeated) when (repeated.SqlState == PostgresErrorCodes.UniqueViolation)
        {
            // An earlier attempt, whose connection was lost, was still at its commit.
            var stored = await InTransactionAsync(
                (connection, transaction) => IsStoredAsync(connection, transaction, batch, run, cancellationToken), cancellationToken).ConfigureAwait(false);
            if (!stored)
            {
                throw;
            }

            return true;
        }
    }

    private async Task<T> InTransactionAsync<T>(Func<NpgsqlConnection, NpgsqlTransaction, Task<T>> work, CancellationToken cancellationToken)
    {
        var connection = await session.OpenAsync(cancellationToken).ConfigureAwait(false);
        await using (connection.ConfigureAwait(false))
        {
            var transaction = await connection.BeginTransactionAsync(cancellationToken).ConfigureAwait(false);
            await using (transaction.ConfigureAwait(false))
            {
                return await work(connection, transaction).ConfigureAwait(false);
            }
        }
    }

    private async Task<bool> WriteAsync(
        NpgsqlConnection connection, NpgsqlTransaction transaction, RestoreBatch batch, int run, ImportTurn turn, CancellationToken cancellationToken)
    {
        await statements.TakeKeysAsync(connection, turn, cancellationToken).ConfigureAwait(false);
        var misfit = await FindStreamsAsync(connection, batch, cancellationToken).ConfigureAwait(false);
        await statements.TakeAppendLockAsync(connection, cancellationToken).ConfigureAwait(false);
        if (await IsStoredAsync(connection, transaction, batch, run, cancellationToken).ConfigureAwait(false))
        {
            return true;
        }

        if (misfit is not null)
        {
            throw misfit;
        }

        turn.HasPositions();
        await copy.WriteAsync(connection, Rows(batch), cancellationToken).ConfigureAwait(false);

        // Rows of streams that the batch before moves too are locked until it is committed.
        await turn.BeforeCommitAsync().ConfigureAwait(false);
        var begun = batch.Begun.Select(one => one.Stream).ToHashSet();
        await statements
            .MoveStreamsAsync(
                connection,
                [.. batch.Streams.Where(one => !begun.Contains(one.Stream)).Select(one => (one.Stream.Bucket, one.Stream.Name, one.Version))],
                cancellationToken)
            .ConfigureAwait(false);
        if (!await MoveAsync(connection, run, batch.After, batch.Last, cancellationToken).ConfigureAwait(false))
        {
            throw TakenOver();
        }

        await ReplicatedCommit.CommitAsync(transaction, cancellationToken).ConfigureAwait(false);
        return true;
    }

    /// <summary>Takes the ids of the batch's streams. What does not fit is told only after it is known that it was not this batch itself.</summary>
    private async Task<ArgumentException?> FindStreamsAsync(NpgsqlConnection connection, RestoreBatch batch, CancellationToken cancellationToken)
    {
        var unmet = new Dictionary<string, (RestoreStream Stream, RecordedEvent Event)>(StringComparer.Ordinal);
        foreach (var (stream, first, _) in batch.Begun)
        {
            unmet.Add(stream.Name.Value, (stream, first));
        }

        await statements.ReadAsync(
            connection,
            createStreams,
            [
                ImportStatements.Values(batch.Begun.Select(one => one.Stream.Bucket), NpgsqlDbType.Smallint),
                ImportStatements.Values(batch.Begun.Select(one => one.Stream.Name.Value), NpgsqlDbType.Text),
                ImportStatements.Values(batch.Begun.Select(one => batch.Streams[one.Nth].Version), NpgsqlDbType.Bigint),
            ],
            row =>
            {
                if (unmet.Remove(row.GetString(0), out var one))
                {
                    one.Stream.Id = row.GetInt64(1);
                }
            },
            cancellationToken).ConfigureAwait(false);
        if (unmet.Count > 0)
        {
            var (_, again) = unmet.Values.First();
            return new ArgumentException($"The event at position {again.Position} of the source begins stream '{again.Stream}', which is there already.");
        }

        if (batch.Sought.Count == 0)
        {
            return null;
        }

        var found = new Dictionary<string, (long Id, long Version)>(StringComparer.Ordinal);
        await statements.ReadAsync(
            connection,
            findStreams,
            [
                ImportStatements.Values(batch.Sought.Select(one => one.Stream.Bucket), NpgsqlDbType.Smallint),
                ImportStatements.Values(batch.Sought.Select(one => one.Stream.Name.Value), NpgsqlDbType.Text),
            ],
            row => found[row.GetString(0)] = (row.GetInt64(1), row.GetInt64(2)),
            cancellationToken).ConfigureAwait(false);
        foreach (var (stream, next) in batch.Sought)
        {
            var (id, version) = found.GetValueOrDefault(stream.Name.Value);
            if (next.Version.Value != version + 1)
            {
                return RestoreStreams.DoesNotFollow(next, version + 1);
            }

            stream.Id = id;
        }

        return null;
    }

    private async Task<bool> IsStoredAsync(
        NpgsqlConnection connection, NpgsqlTransaction transaction, RestoreBatch batch, int run, CancellationToken cancellationToken)
    {
        var (current, position) = (0, 0L);
        await statements.ReadAsync(connection, readRestore, [], row => (current, position) = (row.GetInt32(0), row.GetInt64(1)), cancellationToken).ConfigureAwait(false);
        if (current != run)
        {
            throw TakenOver();
        }

        if (position < batch.Last.Value)
        {
            return false;
        }

        // Committed all the same: that waits until what was found is where a commit of its own would be.
        await MoveAsync(connection, run, batch.Last, batch.Last, cancellationToken).ConfigureAwait(false);
        await ReplicatedCommit.CommitAsync(transaction, cancellationToken).ConfigureAwait(false);
        return true;
    }

    private async Task<bool> MoveAsync(NpgsqlConnection connection, int run, LogPosition from, LogPosition to, CancellationToken cancellationToken)
    {
        var isMoved = false;
        await statements.ReadAsync(
            connection,
            moveRestore,
            [
                new NpgsqlParameter<int> { TypedValue = run },
                new NpgsqlParameter<long> { TypedValue = from.Value },
                new NpgsqlParameter<long> { TypedValue = to.Value },
            ],
            _ => isMoved = true,
            cancellationToken).ConfigureAwait(false);
        return isMoved;
    }

    private static List<ImportRow> Rows(RestoreBatch batch) => batch.Events.ConvertAll(one => new ImportRow
    {
        Position = one.Event.Position.Value,
        Stream = one.Event.Stream,
        Category = one.Stream.Category,
        Bucket = one.Stream.Bucket,
        StreamId = one.Stream.Id,
        Version = one.Event.Version.Value,
        Id = one.Event.Id,
        Type = one.Event.Type,
        Data = one.Event.Data,
        Metadata = one.Event.Metadata,
        Tags = one.Event.Tags,
        RecordedAt = one.Event.RecordedAt.UtcDateTime,
    });

    private static InvalidOperationException TakenOver() => new("Somebody else goes on with this restore; this run has ended.");
}
