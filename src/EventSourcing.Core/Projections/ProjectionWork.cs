using Microsoft.Extensions.Logging;

namespace EventSourcing;

/// <summary>A projection as something to be leased: follows the log, and puts a new generation in the place of the old one.</summary>
internal sealed class ProjectionWork(
    IEventStore store,
    EventSerializer serializer,
    IProjection projection,
    IConsumerStore? consumers,
    ConsumerOptions options,
    TimeProvider time,
    ILogger logger) : ILeasedWork
{
    public string Name => projection.Name;

    public string Kind => ConsumerMetrics.Projection;

    public bool IsShared => projection.IsShared;

    public Task<ConsumerDefinition> DefineAsync(CancellationToken cancellationToken) => Task.FromResult(
        new ConsumerDefinition(Name, projection.Version, projection.Shards, LogPosition.Start, IsRebuildable: true, projection is IInlineProjection));

    public Task RunAsync(ConsumerLease lease, ConsumerProgress progress, ConsumerMetrics metrics, CancellationToken cancellationToken)
    {
        var loop = new ConsumerLoop(store, serializer, projection, options, time, logger, lease, progress)
        {
            Metrics = metrics,
            AfterPage = isEnd => !isEnd ? Task.FromResult(false)
                : projection is IInlineProjection inline ? inline.TryGoInlineAsync(lease, cancellationToken)
                : lease.Role == ConsumerRole.Building ? PromoteAsync(lease, cancellationToken)
                : Task.FromResult(false),
        };
        return loop.RunAsync(cancellationToken);
    }

    private async Task<bool> PromoteAsync(ConsumerLease lease, CancellationToken cancellationToken)
    {
        var isPromoted = await consumers!.TryPromoteAsync(lease.Key.Consumer, lease.Key.Generation, cancellationToken).ConfigureAwait(false);
        if (isPromoted)
        {
            Log.Promoted(logger, lease.Key.Consumer, lease.Key.Generation);
        }

        return isPromoted;
    }
}
