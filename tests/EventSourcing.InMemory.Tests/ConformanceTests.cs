using EventSourcing.Conformance;

namespace EventSourcing.InMemory;

internal static class InMemory
{
    public static Task<(IEventStore Store, ICheckpointStore Checkpoints)> CreateAsync(int maxEventBytes) =>
        Task.FromResult<(IEventStore, ICheckpointStore)>((
            new InMemoryEventStore(new InMemoryOptions { MaxEventBytes = maxEventBytes }), new InMemoryCheckpointStore()));

    public static (IConsumerStore Consumers, IViewStore Views) Beside()
    {
        var consumers = new InMemoryConsumerStore();
        return (consumers, new InMemoryViewStore(consumers));
    }
}

public sealed class AppendConformanceTests : AppendSuite
{
    protected override Task<(IEventStore Store, ICheckpointStore Checkpoints)> CreateAsync() => InMemory.CreateAsync(MaxEventBytes);
}

public sealed class RetryConformanceTests : RetrySuite
{
    protected override Task<(IEventStore Store, ICheckpointStore Checkpoints)> CreateAsync() => InMemory.CreateAsync(MaxEventBytes);
}

public sealed class ConcurrencyConformanceTests : ConcurrencySuite
{
    protected override Task<(IEventStore Store, ICheckpointStore Checkpoints)> CreateAsync() => InMemory.CreateAsync(MaxEventBytes);
}

public sealed class FidelityConformanceTests : FidelitySuite
{
    protected override Task<(IEventStore Store, ICheckpointStore Checkpoints)> CreateAsync() => InMemory.CreateAsync(MaxEventBytes);
}

public sealed class BadInputConformanceTests : BadInputSuite
{
    protected override Task<(IEventStore Store, ICheckpointStore Checkpoints)> CreateAsync() => InMemory.CreateAsync(MaxEventBytes);
}

public sealed class ReadStreamConformanceTests : ReadStreamSuite
{
    protected override Task<(IEventStore Store, ICheckpointStore Checkpoints)> CreateAsync() => InMemory.CreateAsync(MaxEventBytes);
}

public sealed class ReplayConformanceTests : ReplaySuite
{
    protected override Task<(IEventStore Store, ICheckpointStore Checkpoints)> CreateAsync() => InMemory.CreateAsync(MaxEventBytes);
}

public sealed class CacheConformanceTests : CacheSuite
{
    protected override Task<(IEventStore Store, ICheckpointStore Checkpoints)> CreateAsync() => InMemory.CreateAsync(MaxEventBytes);
}

public sealed class SnapshotConformanceTests : SnapshotSuite
{
    protected override Task<(IEventStore Store, ICheckpointStore Checkpoints)> CreateAsync() => InMemory.CreateAsync(MaxEventBytes);

    protected override ISnapshotStore CreateSnapshots(IEventStore store) => new InMemorySnapshotStore();
}

public sealed class ReadLogConformanceTests : ReadLogSuite
{
    protected override Task<(IEventStore Store, ICheckpointStore Checkpoints)> CreateAsync() => InMemory.CreateAsync(MaxEventBytes);
}

public sealed class SubscriptionConformanceTests : SubscriptionSuite
{
    protected override Task<(IEventStore Store, ICheckpointStore Checkpoints)> CreateAsync() => InMemory.CreateAsync(MaxEventBytes);
}

public sealed class CheckpointConformanceTests : CheckpointSuite
{
    protected override Task<(IEventStore Store, ICheckpointStore Checkpoints)> CreateAsync() => InMemory.CreateAsync(MaxEventBytes);
}

public sealed class RepositoryConformanceTests : RepositorySuite
{
    protected override Task<(IEventStore Store, ICheckpointStore Checkpoints)> CreateAsync() => InMemory.CreateAsync(MaxEventBytes);
}

public sealed class ProjectionConformanceTests : ProjectionSuite
{
    protected override Task<(IEventStore Store, ICheckpointStore Checkpoints)> CreateAsync() => InMemory.CreateAsync(MaxEventBytes);
}

public sealed class ViewConformanceTests : ViewSuite
{
    protected override Task<(IEventStore Store, ICheckpointStore Checkpoints)> CreateAsync() => InMemory.CreateAsync(MaxEventBytes);

    protected override (IConsumerStore Consumers, IViewStore Views) Beside(EventSerializer serializer) => InMemory.Beside();
}

public sealed class ControlConformanceTests : ControlSuite
{
    protected override Task<(IEventStore Store, ICheckpointStore Checkpoints)> CreateAsync() => InMemory.CreateAsync(MaxEventBytes);

    protected override (IConsumerStore Consumers, IViewStore Views) Beside(EventSerializer serializer) => InMemory.Beside();
}

public sealed class MessagingConformanceTests : MessagingSuite
{
    protected override Task<(IEventStore Store, ICheckpointStore Checkpoints)> CreateAsync() => InMemory.CreateAsync(MaxEventBytes);

    protected override (IConsumerStore Consumers, IViewStore Views) Beside(EventSerializer serializer) => InMemory.Beside();

    protected override IOutbox OutboxBeside(IConsumerStore consumers) => new InMemoryOutbox((InMemoryConsumerStore)consumers);
}
