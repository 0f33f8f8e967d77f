using Dapper;
using Npgsql;

namespace EventSourcing.PostgreSql;

/// <summary>Puts the triggers on the tables that chain events.</summary>
internal sealed class HashChainInstallation(NpgsqlDataSource dataSource, SchemaName schema)
{
    private readonly string triggers = $"""
        create or replace trigger chain_event before insert on {schema.Quoted}.events
        for each row execute function {schema.Quoted}.chain_event();
        create or replace trigger keep_chain_start after delete on {schema.Quoted}.events
        referencing old table as gone for each statement execute function {schema.Quoted}.keep_chain_start();
        create or replace trigger keep_chain_start after delete on {schema.Quoted}.archived_events
        referencing old table as gone for each statement execute function {schema.Quoted}.keep_chain_start();
        """;

    public async Task<long> RunAsync(bool withWhatIsThere, CancellationToken cancellationToken)
    {
        var connection = await Connecting.OpenAsync(dataSource, cancellationToken).ConfigureAwait(false);
        await using (connection.ConfigureAwait(false))
        {
            var transaction = await connection.BeginTransactionAsync(cancellationToken).ConfigureAwait(false);
            await using (transaction.ConfigureAwait(false))
            {
                await connection
                    .ExecuteAsync(new CommandDefinition(
                        "select pg_advisory_xact_lock(@InstallLock)", new { schema.InstallLock }, transaction, commandTimeout: 0, cancellationToken: cancellationToken))
                    .ConfigureAwait(false);

                // Waits for appends under way and holds up new ones: an event has a hash, or was there before.
                var count = 0L;
                await RunAsync($"lock table {schema.Quoted}.events, {schema.Quoted}.archived_events in share row exclusive mode").ConfigureAwait(false);
                await RunAsync(triggers).ConfigureAwait(false);
                if (withWhatIsThere)
                {
                    count = await connection
                        .ExecuteScalarAsync<long>(new CommandDefinition(
                            $"select {schema.Quoted}.chain_streams()", transaction: transaction, commandTimeout: 0, cancellationToken: cancellationToken))
                        .ConfigureAwait(false);
                }

                await transaction.CommitAsync(cancellationToken).ConfigureAwait(false);
                return count;

                Task RunAsync(string sql) => connection.ExecuteAsync(
                    new CommandDefinition(sql, transaction: transaction, commandTimeout: 0, cancellationToken: cancellationToken));
            }
        }
    }
}
