using Npgsql;

namespace EventSourcing.PostgreSql;

/// <summary>Puts a reactor back, in one transaction.</summary>
internal sealed class ReactorReset(PostgreSqlEventStore store, ReactorSql sql)
{
    /// <summary>Tells whether there is such a reactor.</summary>
    public Task<bool> RunAsync(string reactor, LogPosition position, CancellationToken cancellationToken)
    {
        return StoreTransaction.RunAsync(
            store,
            async transaction =>
            {
                // Nobody divides it anew meanwhile, at a position read before.
                await ExecuteAsync(transaction, sql.TakeBoard, _ => { }).ConfigureAwait(false);
                var rows = await ExecuteAsync(transaction, sql.MoveBack, Bind).ConfigureAwait(false);
                foreach (var statement in sql.ForgetAfter)
                {
                    await ExecuteAsync(transaction, statement, Bind).ConfigureAwait(false);
                }

                return rows > 0;
            },
            isKept: null,
            cancellationToken);

        void Bind(NpgsqlParameterCollection parameters)
        {
            parameters.Add(new NpgsqlParameter<string> { TypedValue = reactor });
            parameters.Add(new NpgsqlParameter<long> { TypedValue = position.Value });
        }
    }

    private static async Task<int> ExecuteAsync(ProjectionTransaction transaction, string statement, Action<NpgsqlParameterCollection> bind)
    {
        var command = new NpgsqlCommand(statement, transaction.Connection, transaction.Transaction);
        await using (command.ConfigureAwait(false))
        {
            bind(command.Parameters);
            return await command.ExecuteNonQueryAsync(transaction.CancellationToken).ConfigureAwait(false);
        }
    }
}
