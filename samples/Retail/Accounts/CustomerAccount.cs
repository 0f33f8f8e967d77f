using EventSourcing;
using Retail.Events;
using Retail.Input;

namespace Retail.Accounts;

/// <summary>
/// The account of a customer, or of one walk-in's invoice. It knows how many of each product the customer holds, and so
/// whether a cancellation can be right.
/// </summary>
public sealed class CustomerAccount : Aggregate
{
    private readonly Dictionary<string, long> held = new(StringComparer.Ordinal);
    private long lastRow;

    /// <summary>The stream of the account that a row belongs to.</summary>
    public static StreamName StreamOf(InvoiceRow row) =>
        row.CustomerId is null ? StreamName.For("walkin", row.InvoiceNo) : StreamName.For("customer", row.CustomerId);

    /// <summary>How many units of a product the customer holds.</summary>
    public long Held(string stockCode) => held.GetValueOrDefault(stockCode);

    /// <summary>
    /// Enters one line of an invoice, once. What it is follows from its invoice's first letter, then from its price.
    /// </summary>
    public void Enter(InvoiceRow row)
    {
        // An import that was killed may leave an append behind which the server finishes only after the next import has
        // looked where to go on: that one then offers the same rows again.
        if (row.Number <= lastRow)
        {
            return;
        }

        Raise(row switch
        {
            { InvoiceNo: ['A', ..] } => new BadDebtAdjusted(row),
            { InvoiceNo: ['C', ..] } => new LineCancelled(row) { Match = MatchOf(row) },
            { UnitPrice: 0 } => new StockAdjusted(row),
            _ => new LineSold(row),
        });
    }

    /// <inheritdoc/>
    protected override void Apply(object @event)
    {
        lastRow = ((InvoiceLine)@event).Row;
        switch (@event)
        {
            case LineSold or StockAdjusted:
                var moved = (InvoiceLine)@event;
                held[moved.StockCode] = Held(moved.StockCode) + moved.Quantity;
                break;
            case LineCancelled { Match: CancellationMatch.Matched } matched:
                held[matched.StockCode] = Held(matched.StockCode) + matched.Quantity;
                break;
            case LineCancelled { Match: CancellationMatch.Unmatched } unmatched:
                held[unmatched.StockCode] = 0;
                break;
        }
    }

    private CancellationMatch MatchOf(InvoiceRow row) =>
        row.CustomerId is null ? CancellationMatch.NotChecked
        : -(long)row.Quantity > Held(row.StockCode) ? CancellationMatch.Unmatched
        : CancellationMatch.Matched;
}
