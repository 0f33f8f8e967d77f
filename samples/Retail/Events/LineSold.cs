using System.Diagnostics.CodeAnalysis;
using System.Text.Json.Serialization;
using EventSourcing;
using Retail.Input;

namespace Retail.Events;

/// <summary>Goods were sold.</summary>
[EventType("line-sold")]
public sealed record LineSold : InvoiceLine
{
    /// <summary>For reading a stored event.</summary>
    [JsonConstructor]
    public LineSold()
    {
    }

    /// <summary>The event of a row.</summary>
    [SetsRequiredMembers]
    public LineSold(InvoiceRow row)
        : base(row)
    {
    }
}
