using System.Diagnostics.CodeAnalysis;
using System.Text.Json.Serialization;
using EventSourcing;
using Retail.Input;

namespace Retail.Events;

/// <summary>Goods came or went without a price: gifts, breakage, corrections.</summary>
[EventType("stock-adjusted")]
public sealed record StockAdjusted : InvoiceLine
{
    /// <summary>For reading a stored event.</summary>
    [JsonConstructor]
    public StockAdjusted()
    {
    }

    /// <summary>The event of a row.</summary>
    [SetsRequiredMembers]
    public StockAdjusted(InvoiceRow row)
        : base(row)
    {
    }
}
