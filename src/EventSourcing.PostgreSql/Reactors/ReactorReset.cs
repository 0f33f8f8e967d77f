using Npgsql;

namespace EventSourcing.PostgreSql;

/// <summary>Puts a reactor back, in one transaction.</summary>
internal sealed class ReactorReset(PostgreSqlEventStore store, ReactorSql sql)
{
    /// <summary>Tells whether there is such a reactor.</summary>
    public Task<bool> RunAsync(string reactor, LogPosition position, CancellationToken cancellationToken) =>
        PostgreSqlErrors.TranslateAsync(store.SchemaName, async () =>
        {
            var connection = await store.DataSource.OpenConnectionAsync(cancellationToken).ConfigureAwait(false);
            await using (connection.ConfigureAwait(false))
            {
                var transaction = await connection.BeginTransactionAsync(cancellationToken).ConfigureAwait(false);
                await using (transaction.ConfigureAwait(false))
                {
                    // Nobody divides it anew meanwhile, at a position read before.
                    await ExecuteAsync(connection, transaction, sql.TakeBoard, _ => { }, cancellationToken).ConfigureAwait(false);
                    var rows = await ExecuteAsync(connection, transaction, sql.MoveBack, Bind, cancellationToken).ConfigureAwait(false);
                    foreach (var statement in sql.ForgetAfter)
                    {
                        await ExecuteAsync(connection, transaction, statement, Bind, cancellationToken).ConfigureAwait(false);
                    }

                    await transaction.CommitAsync(cancellationToken).ConfigureAwait(false);
                    return rows > 0;
                }
            }

            void Bind(NpgsqlParameterCollection parameters)
            {
                parameters.Add(new NpgsqlParameter<string> { TypedValue = reactor });
                parameters.Add(new NpgsqlParameter<long> { TypedValue = position.Value });
            }
        });

    private static async Task<int> ExecuteAsync(
        NpgsqlConnection connection, NpgsqlTransaction transaction, string statement, Action<NpgsqlParameterCollection> bind, CancellationToken cancellationToken)
    {
        var command = new NpgsqlCommand(statement, connection, transaction);
        await using (command.ConfigureAwait(false))
        {
            bind(command.Parameters);
            return await command.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
        }
    }
}
