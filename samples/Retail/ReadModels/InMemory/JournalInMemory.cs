using EventSourcing;
using Retail.Events;

namespace Retail.ReadModels.InMemory;

/// <summary>Keeps the counts in memory.</summary>
public sealed class JournalInMemory : Projection
{
    /// <summary>Declares the handler.</summary>
    public JournalInMemory(InMemoryReadModels models)
        : base("journal") => On<InvoiceLine>((line, envelope) => models.Journal.Add(line, envelope.Recorded.Type, envelope.Version == new StreamVersion(1)));
}
