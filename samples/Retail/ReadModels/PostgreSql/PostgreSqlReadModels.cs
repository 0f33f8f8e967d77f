using System.Text.Json;
using Dapper;
using Npgsql;

namespace Retail.ReadModels.PostgreSql;

/// <summary>Reads what the projections have written.</summary>
public sealed class PostgreSqlReadModels(NpgsqlDataSource dataSource) : IReadModels
{
    /// <inheritdoc/>
    public async Task<Journal> JournalAsync(CancellationToken cancellationToken)
    {
        var documents = await QueryAsync<string>("select document from retail.journal", cancellationToken);
        return documents is [var document] ? JsonSerializer.Deserialize<Journal>(document)! : new Journal();
    }

    /// <inheritdoc/>
    public Task<IReadOnlyList<CustomerBalance>> CustomersAsync(CancellationToken cancellationToken) => QueryAsync<CustomerBalance>(
        """
        select b.customer, b.lines, i.invoices, b.sold, b.cancelled, b.net
        from retail.customer_balance b
        join (select customer, count(*) as invoices from retail.customer_invoice group by customer) i using (customer)
        """,
        cancellationToken);

    /// <inheritdoc/>
    public Task<IReadOnlyList<MonthlySale>> SalesAsync(CancellationToken cancellationToken) =>
        QueryAsync<MonthlySale>("select month, country, lines, net, cancelled from retail.monthly_sale", cancellationToken);

    /// <inheritdoc/>
    public Task<IReadOnlyList<Product>> ProductsAsync(CancellationToken cancellationToken) =>
        QueryAsync<Product>("select stock_code as StockCode, sold, cancelled, adjusted, net from retail.product", cancellationToken);

    private async Task<IReadOnlyList<T>> QueryAsync<T>(string sql, CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        return (await connection.QueryAsync<T>(new CommandDefinition(sql, cancellationToken: cancellationToken))).AsList();
    }
}
