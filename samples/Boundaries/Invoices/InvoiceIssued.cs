using EventSourcing;

namespace Boundaries.Invoices;

/// <summary>An invoice was issued. All invoices share one tag, and so one row of numbers.</summary>
/// <param name="Number">Its number: 1, 2, 3 … without a gap.</param>
/// <param name="CustomerId">Who is to pay.</param>
/// <param name="Amount">How much.</param>
[EventType("invoice-issued")]
[Tag("invoices")]
public sealed record InvoiceIssued(int Number, [Tag("customer")] string CustomerId, decimal Amount);
