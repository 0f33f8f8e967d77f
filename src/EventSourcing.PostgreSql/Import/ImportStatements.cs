using Npgsql;
using NpgsqlTypes;

namespace EventSourcing.PostgreSql;

/// <summary>What batches of imports and restores have in common, each inside the batch's transaction.</summary>
internal sealed class ImportStatements(ServerSession session, SchemaName schema)
{
    // Whatever the session is set to: what was acknowledged is on the disk.
    private const string DurableCommit = "case when current_setting('synchronous_commit') = 'off' then set_config('synchronous_commit', 'on', true) end";

    private readonly string takeKeys = $"select {BoundaryKeys.Taken(schema)} from unnest($1::integer[]) as l (key)";

    private readonly string takeAppendLock = $"select pg_advisory_xact_lock_shared({SchemaName.AppendLockClass}, {schema.AppendLockObject}), {DurableCommit}";

    private readonly string moveStreams = $"""
        update {schema.Quoted}.streams s
        set version = e.version
        from unnest($1::smallint[], $2::text[], $3::bigint[]) as e (bucket, name, version)
        where s.bucket = e.bucket and s.name = e.name
        """;

    public static NpgsqlParameter<T[]> Values<T>(IEnumerable<T> values, NpgsqlDbType element) =>
        new() { TypedValue = [.. values], NpgsqlDbType = NpgsqlDbType.Array | element };

    /// <summary>Excludes decisions by what the batch brings.</summary>
    public Task TakeKeysAsync(NpgsqlConnection connection, ImportTurn turn, CancellationToken cancellationToken)
    {
        var keys = Values(BoundaryKeys.OfMany((int)(turn.Number % 2)), NpgsqlDbType.Integer);
        return ReadAsync(connection, takeKeys, [keys], _ => { }, cancellationToken);
    }

    /// <summary>From here on a reader that meets a missing position waits for the transaction.</summary>
    public Task TakeAppendLockAsync(NpgsqlConnection connection, CancellationToken cancellationToken) =>
        ReadAsync(connection, takeAppendLock, [], _ => { }, cancellationToken);

    /// <summary>Brings streams that are there to other versions.</summary>
    public async Task MoveStreamsAsync(
        NpgsqlConnection connection, IReadOnlyCollection<(short Bucket, StreamName Name, long Version)> streams, CancellationToken cancellationToken)
    {
        if (streams.Count > 0)
        {
            await ReadAsync(
                connection,
                moveStreams,
                [
                    Values(streams.Select(stream => stream.Bucket), NpgsqlDbType.Smallint),
                    Values(streams.Select(stream => stream.Name.Value), NpgsqlDbType.Text),
                    Values(streams.Select(stream => stream.Version), NpgsqlDbType.Bigint),
                ],
                _ => { },
                cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Runs a statement and hands out its rows.</summary>
    public async Task ReadAsync(
        NpgsqlConnection connection, string statement, NpgsqlParameter[] parameters, Action<NpgsqlDataReader> take, CancellationToken cancellationToken) =>
        await session
            .RunAsync(
                connection,
                transaction: null,
                statement,
                bound => bound.AddRange(parameters),
                async row =>
                {
                    while (await row.ReadAsync(cancellationToken).ConfigureAwait(false))
                    {
                        take(row);
                    }

                    return true;
                },
                cancellationToken)
            .ConfigureAwait(false);
}
