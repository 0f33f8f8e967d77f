using System.Diagnostics.CodeAnalysis;
using System.Text.Json.Serialization;
using EventSourcing;
using Retail.Input;

namespace Retail.Events;

/// <summary>A sale was cancelled: the quantity is below zero.</summary>
[EventType("line-cancelled")]
public sealed record LineCancelled : InvoiceLine
{
    /// <summary>For reading a stored event.</summary>
    [JsonConstructor]
    public LineCancelled()
    {
    }

    /// <summary>The event of a row.</summary>
    [SetsRequiredMembers]
    public LineCancelled(InvoiceRow row)
        : base(row)
    {
    }

    /// <summary>Whether the customer held what came back.</summary>
    public CancellationMatch Match { get; init; }
}
