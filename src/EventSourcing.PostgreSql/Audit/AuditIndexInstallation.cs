using Dapper;
using Npgsql;

namespace EventSourcing.PostgreSql;

/// <summary>Makes the indexes by which events are looked up, beside appends.</summary>
internal sealed class AuditIndexInstallation(NpgsqlDataSource dataSource, SchemaName schema)
{
    private static readonly TimeSpan TurnPause = TimeSpan.FromMilliseconds(200);

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var guard = await Connecting.OpenAsync(dataSource, cancellationToken).ConfigureAwait(false);
        await using (guard.ConfigureAwait(false))
        {
            // One at a time: what another is still making would look like what was broken off. In a transaction of its own: making an index
            // concurrently can be in none, and a lock of the session would be anybody's behind a proxy.
            var turn = await TurnAsync(guard, cancellationToken).ConfigureAwait(false);
            await using (turn.ConfigureAwait(false))
            {
                var connection = await Connecting.OpenAsync(dataSource, cancellationToken).ConfigureAwait(false);
                await using (connection.ConfigureAwait(false))
                {
                    foreach (var (key, name) in AuditIndex.All)
                    {
                        await InstallAsync(connection, "events", key, name, cancellationToken).ConfigureAwait(false);
                        await InstallAsync(connection, "archived_events", key, name, cancellationToken).ConfigureAwait(false);
                    }
                }
            }
        }
    }

    // An index waits for everybody who has a snapshot, and neither who waits for the turn nor who has it may keep one: so it is asked for
    // again and again, and when it is there another statement ends the snapshot of the asking.
    private async Task<NpgsqlTransaction> TurnAsync(NpgsqlConnection guard, CancellationToken cancellationToken)
    {
        while (true)
        {
            var turn = await guard.BeginTransactionAsync(cancellationToken).ConfigureAwait(false);
            var isMine = await guard
                .ExecuteScalarAsync<bool>(new CommandDefinition(
                    "select pg_try_advisory_xact_lock(@AuditLock)", new { schema.AuditLock }, turn, cancellationToken: cancellationToken))
                .ConfigureAwait(false);
            if (isMine)
            {
                await guard
                    .ExecuteAsync(new CommandDefinition("set local idle_in_transaction_session_timeout = 0", transaction: turn, cancellationToken: cancellationToken))
                    .ConfigureAwait(false);
                return turn;
            }

            await turn.DisposeAsync().ConfigureAwait(false);
            await Task.Delay(TurnPause, cancellationToken).ConfigureAwait(false);
        }
    }

    private static Task<int> RunAsync(NpgsqlConnection connection, string sql, CancellationToken cancellationToken) =>
        connection.ExecuteAsync(new CommandDefinition(sql, commandTimeout: 0, cancellationToken: cancellationToken));

    private async Task InstallAsync(NpgsqlConnection connection, string table, AuditKey key, string name, CancellationToken cancellationToken)
    {
        var parts = await connection
            .QueryAsync<string>(new CommandDefinition(
                "select c.relname from pg_inherits i join pg_class c on c.oid = i.inhrelid where i.inhparent = to_regclass(@table) order by c.relname",
                new { table = $"{schema.Quoted}.{table}" },
                cancellationToken: cancellationToken))
            .ConfigureAwait(false);
        var partitions = parts.AsList();
        if (partitions.Count == 0)
        {
            await InstallConcurrentlyAsync(connection, table, key, name, cancellationToken).ConfigureAwait(false);
            return;
        }

        // What has partitions takes no index concurrently, but each of them does. The whole becomes valid with the last that is attached.
        var whole = Name(table, name);
        await RunAsync(
            connection, $"create index if not exists {whole} on only {schema.Quoted}.{table} ({AuditIndex.Columns(schema, key)})", cancellationToken)
            .ConfigureAwait(false);
        foreach (var partition in partitions)
        {
            var part = await InstallConcurrentlyAsync(connection, partition, key, name, cancellationToken).ConfigureAwait(false);
            await RunAsync(connection, $"alter index {schema.Quoted}.{whole} attach partition {schema.Quoted}.{part}", cancellationToken)
                .ConfigureAwait(false);
        }
    }

    private async Task<string> InstallConcurrentlyAsync(
        NpgsqlConnection connection, string table, AuditKey key, string name, CancellationToken cancellationToken)
    {
        var index = Name(table, name);
        var isBroken = await connection
            .ExecuteScalarAsync<bool>(new CommandDefinition(
                "select exists (select from pg_index where indexrelid = to_regclass(@index) and not indisvalid)",
                new { index = $"{schema.Quoted}.{index}" },
                cancellationToken: cancellationToken))
            .ConfigureAwait(false);
        if (isBroken)
        {
            // Of an attempt that was broken off: it is kept up to date and never used.
            await RunAsync(connection, $"drop index concurrently {schema.Quoted}.{index}", cancellationToken).ConfigureAwait(false);
        }

        await RunAsync(
            connection, $"create index concurrently if not exists {index} on {schema.Quoted}.{table} ({AuditIndex.Columns(schema, key)})", cancellationToken)
            .ConfigureAwait(false);
        return index;
    }

    private static string Name(string table, string name) => $"{table}_{name}_idx";
}
