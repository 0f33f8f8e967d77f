using Dapper;
using Npgsql;

namespace EventSourcing.PostgreSql;

/// <summary>The transaction of a projection's page: what is written through it and the checkpoint are stored together.</summary>
public sealed class ProjectionTransaction
{
    internal ProjectionTransaction(NpgsqlConnection connection, NpgsqlTransaction transaction, CancellationToken cancellationToken)
    {
        Connection = connection;
        Transaction = transaction;
        CancellationToken = cancellationToken;
    }

    /// <summary>The connection, for what Dapper does not offer.</summary>
    public NpgsqlConnection Connection { get; }

    /// <summary>The transaction; the projection's base commits it.</summary>
    public NpgsqlTransaction Transaction { get; }

    /// <summary>Gives the page up.</summary>
    public CancellationToken CancellationToken { get; }

    /// <summary>Runs a statement with Dapper.</summary>
    /// <param name="sql">The statement, with <c>@Name</c> for each value.</param>
    /// <param name="parameters">An object whose properties are the values.</param>
    /// <returns>How many rows it changed.</returns>
    public Task<int> ExecuteAsync(string sql, object? parameters = null) =>
        Connection.ExecuteAsync(new CommandDefinition(sql, parameters, Transaction, cancellationToken: CancellationToken));

    /// <summary>Runs a query with Dapper.</summary>
    /// <typeparam name="T">What a row becomes.</typeparam>
    /// <param name="sql">The query, with <c>@Name</c> for each value.</param>
    /// <param name="parameters">An object whose properties are the values.</param>
    /// <returns>The rows.</returns>
    public async Task<IReadOnlyList<T>> QueryAsync<T>(string sql, object? parameters = null)
    {
        var rows = await Connection
            .QueryAsync<T>(new CommandDefinition(sql, parameters, Transaction, cancellationToken: CancellationToken))
            .ConfigureAwait(false);
        return rows.AsList();
    }
}
