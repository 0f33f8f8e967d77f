using Retail.Input;

namespace Retail.Accounts;

/// <summary>Enter the rows of one invoice, all or none.</summary>
/// <param name="Rows">The rows in order, at least one.</param>
public sealed record EnterInvoice(IReadOnlyList<InvoiceRow> Rows);
