using EventSourcing.PostgreSql;
using Retail.Events;

namespace Retail.ReadModels.PostgreSql;

/// <summary>Keeps the ledger by product in a table.</summary>
public sealed class LedgerTable : PostgreSqlProjection
{
    private ProductLedger page = new();

    /// <summary>Declares the handler.</summary>
    public LedgerTable(PostgreSqlEventStore store)
        : base("product-ledger", store) => On<InvoiceLine>((line, _, _) =>
        {
            page.Add(line);
            return Task.CompletedTask;
        });

    /// <inheritdoc/>
    protected override Task SetUpAsync(ProjectionTransaction transaction) => transaction.ExecuteAsync("""
        create table if not exists product (
          stock_code text collate "C" primary key,
          sold bigint not null,
          cancelled bigint not null,
          adjusted bigint not null,
          net numeric not null
        )
        """);

    /// <inheritdoc/>
    protected override Task BeginPageAsync(ProjectionTransaction transaction)
    {
        page = new ProductLedger();
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    protected override Task CompletePageAsync(ProjectionTransaction transaction)
    {
        var rows = page.Products.Values;
        return transaction.ExecuteAsync(
            """
            insert into product as p (stock_code, sold, cancelled, adjusted, net)
            select * from unnest(@StockCodes, @Sold, @Cancelled, @Adjusted, @Net)
            on conflict (stock_code) do update set
              sold = p.sold + excluded.sold,
              cancelled = p.cancelled + excluded.cancelled,
              adjusted = p.adjusted + excluded.adjusted,
              net = p.net + excluded.net
            """,
            new
            {
                StockCodes = rows.Select(row => row.StockCode).ToArray(),
                Sold = rows.Select(row => row.Sold).ToArray(),
                Cancelled = rows.Select(row => row.Cancelled).ToArray(),
                Adjusted = rows.Select(row => row.Adjusted).ToArray(),
                Net = rows.Select(row => row.Net).ToArray(),
            });
    }
}
