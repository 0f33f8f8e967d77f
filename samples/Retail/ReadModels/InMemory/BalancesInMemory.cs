using EventSourcing;
using Retail.Events;

namespace Retail.ReadModels.InMemory;

/// <summary>Keeps the balance by customer in memory.</summary>
public sealed class BalancesInMemory : Projection
{
    /// <summary>Declares the handler.</summary>
    public BalancesInMemory(InMemoryReadModels models)
        : base("customer-balance") => On<InvoiceLine>((line, _) => models.Balances.Add(line));
}
