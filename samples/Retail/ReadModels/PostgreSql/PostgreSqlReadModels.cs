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
        var documents = await QueryAsync<string>("select document from retail_journal.journal", cancellationToken);
        return documents is [var document] ? JsonSerializer.Deserialize<Journal>(document)! : new Journal();
    }

    /// <inheritdoc/>
    public Task<IReadOnlyList<CustomerBalance>> CustomersAsync(CancellationToken cancellationToken) => QueryAsync<CustomerBalance>(
        """
        select b.customer, b.lines, i.invoices, b.sold, b.cancelled, b.net
        from retail_customer_balance.customer_balance b
        join (select customer, count(*) as invoices from retail_customer_balance.customer_invoice group by customer) i using (customer)
        """,
        cancellationToken);

    /// <inheritdoc/>
    public Task<IReadOnlyList<MonthlySale>> SalesAsync(CancellationToken cancellationToken) =>
        QueryAsync<MonthlySale>("select month, country, lines, net, cancelled from retail_sales_by_month.monthly_sale", cancellationToken);

    /// <inheritdoc/>
    public Task<IReadOnlyList<Product>> ProductsAsync(CancellationToken cancellationToken) =>
        QueryAsync<Product>("select stock_code as StockCode, sold, cancelled, adjusted, net from retail_product_ledger.product", cancellationToken);

    private async Task<IReadOnlyList<T>> QueryAsync<T>(string sql, CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        return (await connection.QueryAsync<T>(new CommandDefinition(sql, cancellationToken: cancellationToken))).AsList();
    }
}
