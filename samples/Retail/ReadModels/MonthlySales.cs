using System.Globalization;
using Retail.Events;

namespace Retail.ReadModels;

/// <summary>Lines and money by month and country.</summary>
public sealed class MonthlySales
{
    /// <summary>By month and country: the sums.</summary>
    public Dictionary<(string Month, string Country), MonthlySale> Rows { get; } = [];

    /// <summary>Adds a line.</summary>
    public void Add(InvoiceLine line)
    {
        var key = (line.InvoiceDate.ToString("yyyy-MM", CultureInfo.InvariantCulture), line.Country);
        var before = Rows.GetValueOrDefault(key) ?? new MonthlySale(key.Item1, key.Country, 0, 0, 0);
        Rows[key] = before with
        {
            Lines = before.Lines + 1,
            Net = before.Net + line.Amount,
            Cancelled = before.Cancelled + (line is LineCancelled ? line.Amount : 0),
        };
    }
}
