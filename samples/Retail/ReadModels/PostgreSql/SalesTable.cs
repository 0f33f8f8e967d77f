using EventSourcing.PostgreSql;
using Retail.Events;

namespace Retail.ReadModels.PostgreSql;

/// <summary>Keeps the sales by month and country in a table.</summary>
public sealed class SalesTable : PostgreSqlProjection
{
    private MonthlySales page = new();

    /// <summary>Declares the handler.</summary>
    public SalesTable(PostgreSqlEventStore store)
        : base("sales-by-month", store) => On<InvoiceLine>((line, _, _) =>
        {
            page.Add(line);
            return Task.CompletedTask;
        });

    /// <inheritdoc/>
    protected override Task SetUpAsync(ProjectionTransaction transaction) => transaction.ExecuteAsync("""
        create table if not exists monthly_sale (
          month text collate "C",
          country text collate "C",
          lines bigint not null,
          net numeric not null,
          cancelled numeric not null,
          primary key (month, country)
        )
        """);

    /// <inheritdoc/>
    protected override Task BeginPageAsync(ProjectionTransaction transaction)
    {
        page = new MonthlySales();
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    protected override Task CompletePageAsync(ProjectionTransaction transaction)
    {
        var rows = page.Rows.Values;
        return transaction.ExecuteAsync(
            """
            insert into monthly_sale as s (month, country, lines, net, cancelled)
            select * from unnest(@Months, @Countries, @Lines, @Net, @Cancelled)
            on conflict (month, country) do update set
              lines = s.lines + excluded.lines,
              net = s.net + excluded.net,
              cancelled = s.cancelled + excluded.cancelled
            """,
            new
            {
                Months = rows.Select(row => row.Month).ToArray(),
                Countries = rows.Select(row => row.Country).ToArray(),
                Lines = rows.Select(row => row.Lines).ToArray(),
                Net = rows.Select(row => row.Net).ToArray(),
                Cancelled = rows.Select(row => row.Cancelled).ToArray(),
            });
    }
}
