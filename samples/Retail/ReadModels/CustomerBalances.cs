using Retail.Events;

namespace Retail.ReadModels;

/// <summary>What each customer bought, brought back and owes; walk-ins have no account here.</summary>
public sealed class CustomerBalances
{
    /// <summary>By customer: the sums.</summary>
    public Dictionary<string, CustomerBalance> Customers { get; } = new(StringComparer.Ordinal);

    /// <summary>Each customer's invoices, once.</summary>
    public HashSet<(string Customer, string InvoiceNo)> Invoices { get; } = [];

    /// <summary>Adds a line.</summary>
    public void Add(InvoiceLine line)
    {
        if (line.CustomerId is not { } customer)
        {
            return;
        }

        Invoices.Add((customer, line.InvoiceNo));
        var before = Customers.GetValueOrDefault(customer) ?? new CustomerBalance(customer, 0, 0, 0, 0, 0);
        Customers[customer] = before with
        {
            Lines = before.Lines + 1,
            Sold = before.Sold + (line is LineSold ? line.Amount : 0),
            Cancelled = before.Cancelled + (line is LineCancelled ? line.Amount : 0),
            Net = before.Net + line.Amount,
        };
    }
}
