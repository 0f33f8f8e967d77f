using EventSourcing;
using Retail.Events;

namespace Retail.ReadModels.InMemory;

/// <summary>The read models as plain objects: fed by projections, or by hand with a part of the log to see how things stood then.</summary>
public sealed class InMemoryReadModels : IReadModels
{
    /// <summary>Counts over the whole log.</summary>
    public Journal Journal { get; } = new();

    /// <summary>By customer.</summary>
    public CustomerBalances Balances { get; } = new();

    /// <summary>By month and country.</summary>
    public MonthlySales Sales { get; } = new();

    /// <summary>By product.</summary>
    public ProductLedger Ledger { get; } = new();

    /// <summary>Feeds all of them with one event.</summary>
    /// <param name="envelope">The event.</param>
    /// <param name="isFirstOfStream">Whether it is the first of its stream that counts here.</param>
    public void Add(EventEnvelope envelope, bool isFirstOfStream)
    {
        var line = (InvoiceLine)envelope.Event;
        Journal.Add(line, envelope.Recorded.Type, isFirstOfStream);
        Balances.Add(line);
        Sales.Add(line);
        Ledger.Add(line);
    }

    /// <inheritdoc/>
    public Task<Journal> JournalAsync(CancellationToken cancellationToken) => Task.FromResult(Journal);

    /// <inheritdoc/>
    public Task<IReadOnlyList<CustomerBalance>> CustomersAsync(CancellationToken cancellationToken)
    {
        var invoices = Balances.Invoices.CountBy(invoice => invoice.Customer).ToDictionary(StringComparer.Ordinal);
        return Task.FromResult<IReadOnlyList<CustomerBalance>>(
            [.. Balances.Customers.Values.Select(balance => balance with { Invoices = invoices[balance.Customer] })]);
    }

    /// <inheritdoc/>
    public Task<IReadOnlyList<MonthlySale>> SalesAsync(CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyList<MonthlySale>>([.. Sales.Rows.Values]);

    /// <inheritdoc/>
    public Task<IReadOnlyList<Product>> ProductsAsync(CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyList<Product>>([.. Ledger.Products.Values]);
}
