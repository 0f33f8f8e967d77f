using EventSourcing;
using Retail.Events;

namespace Retail.ReadModels.InMemory;

/// <summary>Keeps the sales by month and country in memory.</summary>
public sealed class SalesInMemory : Projection
{
    /// <summary>Declares the handler.</summary>
    public SalesInMemory(InMemoryReadModels models)
        : base("sales-by-month") => On<InvoiceLine>((line, _) => models.Sales.Add(line));
}
