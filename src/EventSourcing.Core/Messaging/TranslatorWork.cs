using Microsoft.Extensions.Logging;

namespace EventSourcing;

/// <summary>A translator as something to be leased: follows the log from where it was told to begin.</summary>
internal sealed class TranslatorWork(
    IEventStore store, EventSerializer serializer, TranslatorConsumer consumer, ConsumerOptions options, TimeProvider time, ILogger logger) : ILeasedWork
{
    public string Name => consumer.Name;

    public string Kind => ConsumerMetrics.Translator;

    public bool IsShared => true;

    /// <summary>From now is after what is final: whatever is acknowledged from here on lies above it.</summary>
    public async Task<ConsumerDefinition> DefineAsync(CancellationToken cancellationToken)
    {
        var start = consumer.StartAfter ?? (await store.GetHeadAsync(cancellationToken).ConfigureAwait(false)).Final;
        return new ConsumerDefinition(Name, Version: 1, consumer.Shards, start, IsRebuildable: false);
    }

    public Task RunAsync(ConsumerLease lease, ConsumerProgress progress, ConsumerMetrics metrics, CancellationToken cancellationToken) =>
        new ConsumerLoop(store, serializer, consumer, options, time, logger, lease, progress) { Metrics = metrics }
            .RunAsync(cancellationToken);
}
