using EventSourcing;
using Retail.Events;

namespace Retail.ReadModels.InMemory;

/// <summary>Keeps the ledger by product in memory.</summary>
public sealed class LedgerInMemory : Projection
{
    /// <summary>Declares the handler.</summary>
    public LedgerInMemory(InMemoryReadModels models)
        : base("product-ledger") => On<InvoiceLine>((line, _) => models.Ledger.Add(line));
}
