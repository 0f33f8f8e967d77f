using System.Diagnostics.CodeAnalysis;
using System.Text.Json.Serialization;
using Retail.Input;

namespace Retail.Events;

/// <summary>What all events of the shop have in common: the line of an invoice that they tell of.</summary>
public abstract record InvoiceLine
{
    /// <summary>For reading a stored event.</summary>
    protected InvoiceLine()
    {
    }

    /// <summary>The event of a row.</summary>
    [SetsRequiredMembers]
    protected InvoiceLine(InvoiceRow row)
    {
        Row = row.Number;
        InvoiceNo = row.InvoiceNo;
        StockCode = row.StockCode;
        Description = row.Description;
        Quantity = row.Quantity;
        InvoiceDate = row.InvoiceDate;
        UnitPrice = row.UnitPrice;
        CustomerId = row.CustomerId;
        Country = row.Country;
    }

    /// <summary>The row's number in its source, by which an import finds where to go on.</summary>
    public required long Row { get; init; }

    /// <summary>The invoice.</summary>
    public required string InvoiceNo { get; init; }

    /// <summary>The product; compared byte for byte.</summary>
    public required string StockCode { get; init; }

    /// <summary>What the shop called it; may be missing.</summary>
    public string? Description { get; init; }

    /// <summary>Units, with the sign that the shop wrote.</summary>
    public required int Quantity { get; init; }

    /// <summary>Local time, without a zone.</summary>
    public required DateTime InvoiceDate { get; init; }

    /// <summary>Pounds, with as many decimals as written.</summary>
    public required decimal UnitPrice { get; init; }

    /// <summary>The customer; null for a walk-in.</summary>
    public string? CustomerId { get; init; }

    /// <summary>Where the customer lives.</summary>
    public required string Country { get; init; }

    /// <summary>The line's worth; never rounded.</summary>
    [JsonIgnore]
    public decimal Amount => Quantity * UnitPrice;

    /// <summary>The row that the event came from.</summary>
    public InvoiceRow ToRow() => new(Row, InvoiceNo, StockCode, Description, Quantity, InvoiceDate, UnitPrice, CustomerId, Country);
}
