using System.Globalization;
using Retail.Events;
using Retail.ReadModels;

namespace Retail.Reporting;

/// <summary>The figures of the shop in the form in which they are written as JSON: money as text with all its decimals.</summary>
public sealed record RetailReport
{
    public required long Events { get; init; }

    public required long Streams { get; init; }

    public required long Appends { get; init; }

    public required SortedDictionary<string, long> EventsByType { get; init; }

    public required string NetAmount { get; init; }

    public required CancellationFigures Cancellations { get; init; }

    public required CustomerFigures CustomerBalance { get; init; }

    public required SalesFigures SalesByMonthAndCountry { get; init; }

    public required ProductFigures ProductLedger { get; init; }

    public string? AsOf { get; init; }

    public long? MaxPosition { get; init; }

    public double Seconds { get; init; }

    public long PeakMemoryBytes { get; init; }

    /// <summary>Reads the figures from read models.</summary>
    public static async Task<RetailReport> FromAsync(IReadModels models, CancellationToken cancellationToken)
    {
        var journal = await models.JournalAsync(cancellationToken);
        var customers = await models.CustomersAsync(cancellationToken);
        var sales = await models.SalesAsync(cancellationToken);
        var products = await models.ProductsAsync(cancellationToken);
        return new RetailReport
        {
            Events = journal.Events,
            Streams = journal.Streams,
            Appends = journal.Appends,
            EventsByType = new SortedDictionary<string, long>(
                journal.EventsByType.ToDictionary(type => ClassName(type.Key), type => type.Value), StringComparer.Ordinal),
            NetAmount = Money(journal.Net),
            Cancellations = new CancellationFigures(
                journal.Cancellations.GetValueOrDefault(CancellationMatch.Matched),
                journal.Cancellations.GetValueOrDefault(CancellationMatch.Unmatched),
                journal.Cancellations.GetValueOrDefault(CancellationMatch.NotChecked)),
            CustomerBalance = new CustomerFigures(
                customers.Count,
                Money(customers.Sum(customer => customer.Net)),
                customers.Count(customer => customer.Net == 0),
                customers.Count(customer => customer.Net < 0),
                [.. customers
                    .OrderByDescending(customer => customer.Net)
                    .ThenBy(customer => long.TryParse(customer.Customer, NumberStyles.None, CultureInfo.InvariantCulture, out var id) ? id : long.MaxValue)
                    .ThenBy(customer => customer.Customer, StringComparer.Ordinal)
                    .Take(10)
                    .Select(customer => new TopCustomer(
                        customer.Customer, customer.Lines, customer.Invoices, Money(customer.Sold), Money(customer.Cancelled), Money(customer.Net)))]),
            SalesByMonthAndCountry = new SalesFigures(
                sales.Count,
                Money(sales.Sum(sale => sale.Net)),
                new SortedDictionary<string, MonthFigures>(
                    sales.GroupBy(sale => sale.Month).ToDictionary(
                        month => month.Key,
                        month => new MonthFigures(
                            month.Sum(sale => sale.Lines), Money(month.Sum(sale => sale.Net)), Money(month.Sum(sale => sale.Cancelled)))),
                    StringComparer.Ordinal)),
            ProductLedger = new ProductFigures(
                products.Count,
                products.Sum(product => product.Sold),
                products.Sum(product => product.Cancelled),
                products.Sum(product => product.Adjusted),
                [.. products
                    .OrderByDescending(product => product.Net)
                    .ThenBy(product => product.StockCode, StringComparer.Ordinal)
                    .Take(10)
                    .Select(product => new TopProduct(product.StockCode, product.Sold, product.Cancelled, product.Adjusted, Money(product.Net)))]),
        };
    }

    private static string Money(decimal amount) => amount.ToString(CultureInfo.InvariantCulture);

    /// <summary>Stored names are kebab-case; the report speaks of classes.</summary>
    private static string ClassName(string type) =>
        string.Concat(type.Split('-').Select(word => char.ToUpperInvariant(word[0]) + word[1..]));
}

/// <summary>Cancellations by how they compared with what was held.</summary>
public sealed record CancellationFigures(long Matched, long Unmatched, long NotChecked);

/// <summary>All customers.</summary>
public sealed record CustomerFigures(int Rows, string Net, int Zero, int Negative, IReadOnlyList<TopCustomer> Top10);

/// <summary>One of the customers with the highest net.</summary>
public sealed record TopCustomer(string Customer, long Lines, long Invoices, string Sold, string Cancelled, string Net);

/// <summary>All months and countries.</summary>
public sealed record SalesFigures(int Rows, string Net, SortedDictionary<string, MonthFigures> ByMonth);

/// <summary>One month.</summary>
public sealed record MonthFigures(long Lines, string Net, string Cancelled);

/// <summary>All products.</summary>
public sealed record ProductFigures(int Rows, long UnitsSold, long UnitsCancelled, long UnitsAdjusted, IReadOnlyList<TopProduct> Top10);

/// <summary>One of the products with the highest net.</summary>
public sealed record TopProduct(string StockCode, long Sold, long Cancelled, long Adjusted, string Net);
