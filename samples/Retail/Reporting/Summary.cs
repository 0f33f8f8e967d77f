using System.Globalization;
using Spectre.Console;

namespace Retail.Reporting;

/// <summary>The figures for people.</summary>
public static class Summary
{
    /// <summary>Writes tables, and a bar for each month.</summary>
    public static void Write(IAnsiConsole console, RetailReport report)
    {
        var figures = new Table().Border(TableBorder.Rounded).HideHeaders().AddColumns("what", "how much");
        figures.AddRow("Events", Number(report.Events));
        figures.AddRow("Streams", Number(report.Streams));
        figures.AddRow("Appends", Number(report.Appends));
        foreach (var (type, count) in report.EventsByType)
        {
            figures.AddRow($"  {type}", Number(count));
        }

        figures.AddRow("Net amount", report.NetAmount);
        figures.AddRow(
            "Cancellations",
            $"{Number(report.Cancellations.Matched)} matched, {Number(report.Cancellations.Unmatched)} unmatched, {Number(report.Cancellations.NotChecked)} not checked");
        console.Write(figures);

        var customers = new Table().Title("Customers with the highest net").Border(TableBorder.Rounded).AddColumns("Customer", "Invoices", "Lines", "Sold", "Cancelled", "Net");
        foreach (var customer in report.CustomerBalance.Top10)
        {
            customers.AddRow(Markup.Escape(customer.Customer), Number(customer.Invoices), Number(customer.Lines), customer.Sold, customer.Cancelled, customer.Net);
        }

        console.Write(customers);

        var products = new Table().Title("Products with the highest net").Border(TableBorder.Rounded).AddColumns("Stock code", "Sold", "Cancelled", "Adjusted", "Net");
        foreach (var product in report.ProductLedger.Top10)
        {
            products.AddRow(Markup.Escape(product.StockCode), Number(product.Sold), Number(product.Cancelled), Number(product.Adjusted), product.Net);
        }

        console.Write(products);

        var chart = new BarChart().Width(70).Label("Net by month, in thousands").LeftAlignLabel();
        foreach (var (month, sums) in report.SalesByMonthAndCountry.ByMonth)
        {
            var thousands = decimal.Parse(sums.Net, CultureInfo.InvariantCulture) / 1000;
            chart.AddItem(month, (double)Math.Max(0, Math.Round(thousands, 1)), Color.Teal);
        }

        if (report.SalesByMonthAndCountry.ByMonth.Count > 0)
        {
            console.Write(chart);
        }

        console.MarkupLineInterpolated(CultureInfo.InvariantCulture, $"{report.Seconds:F1} s, at most {report.PeakMemoryBytes / 1048576} MiB of memory");
    }

    private static string Number(long count) => count.ToString("N0", CultureInfo.InvariantCulture);
}
