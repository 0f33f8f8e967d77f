using System.Text.Json;
using Dapper;
using Npgsql;

namespace Retail.ReadModels.PostgreSql;

/// <summary>Reads what the projections have written.</summary>
/// <param name="dataSource">The database.</param>
/// <param name="schema">The schema of the log, a name that the store has taken: those of the projections begin with it.</param>
public sealed class PostgreSqlReadModels(NpgsqlDataSource dataSource, string schema) : IReadModels
{
    /// <inheritdoc/>
    public async Task<Journal> JournalAsync(CancellationToken cancellationToken)
    {
        var documents = await QueryAsync<string>($"select document from {schema}_journal.journal", cancellationToken);
        return documents is [var document] ? JsonSerializer.Deserialize<Journal>(document)! : new Journal();
    }

    /// <inheritdoc/>
    public Task<IReadOnlyList<CustomerBalance>> CustomersAsync(CancellationToken cancellationToken) => QueryAsync<CustomerBalance>(
        $"""
        select b.customer, b.lines, i.invoices, b.sold, b.cancelled, b.net
        from {schema}_customer_balance.customer_balance b
        join (select customer, count(*) as invoices from {schema}_customer_balance.customer_invoice group by customer) i using (customer)
        """,
        cancellationToken);

    /// <inheritdoc/>
    public Task<IReadOnlyList<MonthlySale>> SalesAsync(CancellationToken cancellationToken) =>
        QueryAsync<MonthlySale>($"select month, country, lines, net, cancelled from {schema}_sales_by_month.monthly_sale", cancellationToken);

    /// <inheritdoc/>
    public Task<IReadOnlyList<Product>> ProductsAsync(CancellationToken cancellationToken) =>
        QueryAsync<Product>($"select stock_code as StockCode, sold, cancelled, adjusted, net from {schema}_product_ledger.product", cancellationToken);

    private async Task<IReadOnlyList<T>> QueryAsync<T>(string sql, CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        return (await connection.QueryAsync<T>(new CommandDefinition(sql, cancellationToken: cancellationToken))).AsList();
    }
}
