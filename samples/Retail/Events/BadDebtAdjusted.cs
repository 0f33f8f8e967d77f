using System.Diagnostics.CodeAnalysis;
using System.Text.Json.Serialization;
using EventSourcing;
using Retail.Input;

namespace Retail.Events;

/// <summary>A debt was written off or taken back; no goods moved.</summary>
[EventType("bad-debt-adjusted")]
public sealed record BadDebtAdjusted : InvoiceLine
{
    /// <summary>For reading a stored event.</summary>
    [JsonConstructor]
    public BadDebtAdjusted()
    {
    }

    /// <summary>The event of a row.</summary>
    [SetsRequiredMembers]
    public BadDebtAdjusted(InvoiceRow row)
        : base(row)
    {
    }
}
