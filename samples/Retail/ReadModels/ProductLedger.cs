using Retail.Events;

namespace Retail.ReadModels;

/// <summary>Units and money by product.</summary>
public sealed class ProductLedger
{
    /// <summary>By stock code, byte for byte: the sums.</summary>
    public Dictionary<string, Product> Products { get; } = new(StringComparer.Ordinal);

    /// <summary>Adds a line.</summary>
    public void Add(InvoiceLine line)
    {
        var before = Products.GetValueOrDefault(line.StockCode) ?? new Product(line.StockCode, 0, 0, 0, 0);
        Products[line.StockCode] = before with
        {
            Sold = before.Sold + (line is LineSold ? line.Quantity : 0),
            Cancelled = before.Cancelled + (line is LineCancelled ? line.Quantity : 0),
            Adjusted = before.Adjusted + (line is StockAdjusted ? line.Quantity : 0),
            Net = before.Net + line.Amount,
        };
    }
}
