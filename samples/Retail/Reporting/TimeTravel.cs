using EventSourcing;
using Retail.Events;
using Retail.ReadModels.InMemory;

namespace Retail.Reporting;

/// <summary>Figures as they once were: a part of the log, folded now.</summary>
public static class TimeTravel
{
    /// <summary>Folds the events up to a position whose invoices are from before a time.</summary>
    public static async Task<InMemoryReadModels> FoldAsync(
        IEventStore store, EventSerializer serializer, DateTime? asOf, long? maxPosition, CancellationToken cancellationToken)
    {
        var models = new InMemoryReadModels();
        var streams = new HashSet<StreamName>();
        var options = new LogReadOptions { UpTo = maxPosition is { } position ? new LogPosition(position) : null };
        await foreach (var recorded in store.ReadAllAsync(options, cancellationToken))
        {
            var envelope = serializer.Deserialize(recorded);
            if (asOf is null || ((InvoiceLine)envelope.Event).InvoiceDate < asOf)
            {
                models.Add(envelope, streams.Add(recorded.Stream));
            }
        }

        return models;
    }
}
