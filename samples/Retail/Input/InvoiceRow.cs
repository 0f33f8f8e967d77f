namespace Retail.Input;

/// <summary>One line of an invoice, as the shop wrote it down.</summary>
/// <param name="Number">The row's number in its source, from 1.</param>
/// <param name="InvoiceNo">The invoice; 'C…' cancels, 'A…' adjusts a bad debt.</param>
/// <param name="StockCode">The product; compared byte for byte.</param>
/// <param name="Description">What the shop called it; may be missing.</param>
/// <param name="Quantity">Units; below zero where they come back.</param>
/// <param name="InvoiceDate">Local time, to the minute.</param>
/// <param name="UnitPrice">Pounds, with as many decimals as written.</param>
/// <param name="CustomerId">The customer; null for a walk-in.</param>
/// <param name="Country">Where the customer lives.</param>
public sealed record InvoiceRow(
    long Number,
    string InvoiceNo,
    string StockCode,
    string? Description,
    int Quantity,
    DateTime InvoiceDate,
    decimal UnitPrice,
    string? CustomerId,
    string Country);
