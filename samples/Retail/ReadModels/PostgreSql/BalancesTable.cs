using EventSourcing.PostgreSql;
using Retail.Events;

namespace Retail.ReadModels.PostgreSql;

/// <summary>Keeps the balance by customer in a table: gathers a page in memory, then writes it in one statement for each table.</summary>
public sealed class BalancesTable : PostgreSqlProjection
{
    private CustomerBalances page = new();

    /// <summary>Declares the handler.</summary>
    public BalancesTable(PostgreSqlEventStore store)
        : base("customer-balance", store) => On<InvoiceLine>((line, _, _) =>
        {
            page.Add(line);
            return Task.CompletedTask;
        });

    /// <inheritdoc/>
    protected override Task SetUpAsync(ProjectionTransaction transaction) => transaction.ExecuteAsync("""
        create table if not exists customer_balance (
          customer text collate "C" primary key,
          lines bigint not null,
          sold numeric not null,
          cancelled numeric not null,
          net numeric not null
        );
        create table if not exists customer_invoice (
          customer text collate "C",
          invoice_no text collate "C",
          primary key (customer, invoice_no)
        );
        """);

    /// <inheritdoc/>
    protected override Task BeginPageAsync(ProjectionTransaction transaction)
    {
        page = new CustomerBalances();
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    protected override async Task CompletePageAsync(ProjectionTransaction transaction)
    {
        var rows = page.Customers.Values;
        await transaction.ExecuteAsync(
            """
            insert into customer_balance as b (customer, lines, sold, cancelled, net)
            select * from unnest(@Customers, @Lines, @Sold, @Cancelled, @Net)
            on conflict (customer) do update set
              lines = b.lines + excluded.lines,
              sold = b.sold + excluded.sold,
              cancelled = b.cancelled + excluded.cancelled,
              net = b.net + excluded.net
            """,
            new
            {
                Customers = rows.Select(row => row.Customer).ToArray(),
                Lines = rows.Select(row => row.Lines).ToArray(),
                Sold = rows.Select(row => row.Sold).ToArray(),
                Cancelled = rows.Select(row => row.Cancelled).ToArray(),
                Net = rows.Select(row => row.Net).ToArray(),
            });
        await transaction.ExecuteAsync(
            """
            insert into customer_invoice (customer, invoice_no)
            select * from unnest(@Customers, @Invoices)
            on conflict do nothing
            """,
            new
            {
                Customers = page.Invoices.Select(invoice => invoice.Customer).ToArray(),
                Invoices = page.Invoices.Select(invoice => invoice.InvoiceNo).ToArray(),
            });
    }
}
