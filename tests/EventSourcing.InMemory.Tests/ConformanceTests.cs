using EventSourcing.Conformance;
using Microsoft.Extensions.DependencyInjection;

namespace EventSourcing.InMemory;

internal static class InMemory
{
    public static Task<(IEventStore Store, ICheckpointStore Checkpoints)> CreateAsync(int maxEventBytes) =>
        Task.FromResult<(IEventStore, ICheckpointStore)>((
            new InMemoryEventStore(new InMemoryOptions { MaxEventBytes = maxEventBytes, MaxAppendBytes = 100 * maxEventBytes }), new InMemoryCheckpointStore()));

    public static ReactorState ReactorState()
    {
        var consumers = new InMemoryConsumerStore();
        return new ReactorState(new InMemoryReactorStore(consumers), consumers, new InMemoryDeadLetterStore(consumers));
    }

    public static (IConsumerStore Consumers, IViewStore Views) Beside(IEventStore store, EventSerializer serializer)
    {
        var consumers = new InMemoryConsumerStore();
        return (consumers, new InMemoryViewStore((InMemoryEventStore)store, serializer, consumers));
    }

    public static StreamLife LifeOf(IEventStore store, EventTypeRegistry types, IConsumerStore consumers, ICheckpointStore checkpoints)
    {
        var snapshots = new InMemorySnapshotStore();
        var maintenance = new InMemoryStreamMaintenance(
            (InMemoryEventStore)store, types, snapshots, (InMemoryConsumerStore)consumers, (InMemoryCheckpointStore)checkpoints);
        return new StreamLife(maintenance, snapshots, store);
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

public sealed class RepeatableCommandConformanceTests : RepeatableCommandSuite
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

    protected override IDeadLetterStore Letters => new InMemoryDeadLetterStore((InMemoryConsumerStore)Consumers);

    protected override (IConsumerStore Consumers, IViewStore Views) Beside(EventSerializer serializer) => InMemory.Beside(Store, serializer);
}

public sealed class ControlConformanceTests : ControlSuite
{
    protected override Task<(IEventStore Store, ICheckpointStore Checkpoints)> CreateAsync() => InMemory.CreateAsync(MaxEventBytes);

    protected override IDeadLetterStore Letters => new InMemoryDeadLetterStore((InMemoryConsumerStore)Consumers);

    protected override (IConsumerStore Consumers, IViewStore Views) Beside(EventSerializer serializer) => InMemory.Beside(Store, serializer);
}

public sealed class InlineConformanceTests : InlineSuite
{
    protected override Task<(IEventStore Store, ICheckpointStore Checkpoints)> CreateAsync() => InMemory.CreateAsync(MaxEventBytes);

    protected override IDeadLetterStore Letters => new InMemoryDeadLetterStore((InMemoryConsumerStore)Consumers);

    protected override (IConsumerStore Consumers, IViewStore Views) Beside(EventSerializer serializer) => InMemory.Beside(Store, serializer);
}

public sealed class ReactorConformanceTests : ReactorSuite
{
    protected override Task<(IEventStore Store, ICheckpointStore Checkpoints)> CreateAsync() => InMemory.CreateAsync(MaxEventBytes);

    protected override ReactorState CreateState(IEventStore store) => InMemory.ReactorState();
}

public sealed class ReactorFailureConformanceTests : ReactorFailureSuite
{
    protected override Task<(IEventStore Store, ICheckpointStore Checkpoints)> CreateAsync() => InMemory.CreateAsync(MaxEventBytes);

    protected override ReactorState CreateState(IEventStore store) => InMemory.ReactorState();
}

public sealed class ReactorMessageConformanceTests : ReactorMessageSuite
{
    protected override Task<(IEventStore Store, ICheckpointStore Checkpoints)> CreateAsync() => InMemory.CreateAsync(MaxEventBytes);

    protected override ReactorState CreateState(IEventStore store) => InMemory.ReactorState();
}

public sealed class MessagingConformanceTests : MessagingSuite
{
    protected override Task<(IEventStore Store, ICheckpointStore Checkpoints)> CreateAsync() => InMemory.CreateAsync(MaxEventBytes);

    protected override IDeadLetterStore Letters => new InMemoryDeadLetterStore((InMemoryConsumerStore)Consumers);

    protected override (IConsumerStore Consumers, IViewStore Views) Beside(EventSerializer serializer) => InMemory.Beside(Store, serializer);

    protected override IOutbox OutboxBeside(IConsumerStore consumers) => new InMemoryOutbox((InMemoryConsumerStore)consumers);
}

public sealed class EvolutionConformanceTests : EvolutionSuite
{
    protected override ISnapshotStore CreateSnapshots(IEventStore store) => new InMemorySnapshotStore();

    protected override Task<(IEventStore Store, ICheckpointStore Checkpoints)> CreateAsync() => InMemory.CreateAsync(MaxEventBytes);

    protected override IDeadLetterStore Letters => new InMemoryDeadLetterStore((InMemoryConsumerStore)Consumers);

    protected override (IConsumerStore Consumers, IViewStore Views) Beside(EventSerializer serializer) => InMemory.Beside(Store, serializer);

    protected override ReactorState CreateState(IEventStore store) => InMemory.ReactorState();
}

public sealed class QueryConformanceTests : QuerySuite
{
    protected override Task<(IEventStore Store, ICheckpointStore Checkpoints)> CreateAsync() => InMemory.CreateAsync(MaxEventBytes);
}

public sealed class BoundaryConformanceTests : BoundarySuite
{
    protected override Task<(IEventStore Store, ICheckpointStore Checkpoints)> CreateAsync() => InMemory.CreateAsync(MaxEventBytes);
}

public sealed class BoundaryRaceConformanceTests : BoundaryRaceSuite
{
    protected override Task<(IEventStore Store, ICheckpointStore Checkpoints)> CreateAsync() => InMemory.CreateAsync(MaxEventBytes);
}

public sealed class DecisionConformanceTests : DecisionSuite
{
    protected override Task<(IEventStore Store, ICheckpointStore Checkpoints)> CreateAsync() => InMemory.CreateAsync(MaxEventBytes);
}

public sealed class RestoreConformanceTests : RestoreSuite
{
    protected override Task<(IEventStore Store, ICheckpointStore Checkpoints)> CreateAsync() => InMemory.CreateAsync(MaxEventBytes);
}

public sealed class ExportConformanceTests : ExportSuite
{
    protected override Task<(IEventStore Store, ICheckpointStore Checkpoints)> CreateAsync() => InMemory.CreateAsync(MaxEventBytes);
}

public sealed class CopyConformanceTests : CopySuite
{
    protected override Task<(IEventStore Store, ICheckpointStore Checkpoints)> CreateAsync() => InMemory.CreateAsync(MaxEventBytes);
}

public sealed class StreamLifeConformanceTests : StreamLifeSuite
{
    protected override Task<(IEventStore Store, ICheckpointStore Checkpoints)> CreateAsync() => InMemory.CreateAsync(MaxEventBytes);

    protected override IDeadLetterStore Letters => new InMemoryDeadLetterStore((InMemoryConsumerStore)Consumers);

    protected override (IConsumerStore Consumers, IViewStore Views) Beside(EventSerializer serializer) => InMemory.Beside(Store, serializer);

    protected override StreamLife LifeOf(IEventStore store, EventTypeRegistry types) => InMemory.LifeOf(store, types, Consumers, Checkpoints);
}

public sealed class StreamLifeRaceConformanceTests : StreamLifeRaceSuite
{
    protected override Task<(IEventStore Store, ICheckpointStore Checkpoints)> CreateAsync() => InMemory.CreateAsync(MaxEventBytes);

    protected override IDeadLetterStore Letters => new InMemoryDeadLetterStore((InMemoryConsumerStore)Consumers);

    protected override (IConsumerStore Consumers, IViewStore Views) Beside(EventSerializer serializer) => InMemory.Beside(Store, serializer);

    protected override StreamLife LifeOf(IEventStore store, EventTypeRegistry types) => InMemory.LifeOf(store, types, Consumers, Checkpoints);
}

public sealed class HistoryConformanceTests : HistorySuite
{
    protected override Task<(IEventStore Store, ICheckpointStore Checkpoints)> CreateAsync() => InMemory.CreateAsync(MaxEventBytes);

    protected override ISnapshotStore CreateSnapshots(IEventStore store) => new InMemorySnapshotStore();
}

public sealed class AuditConformanceTests : AuditSuite
{
    protected override Task<(IEventStore Store, ICheckpointStore Checkpoints)> CreateAsync() => InMemory.CreateAsync(MaxEventBytes);

    protected override ReactorState CreateState(IEventStore store) => InMemory.ReactorState();

    protected override IEventLookup CreateLookup(IEventStore store) => new InMemoryEventLookup((InMemoryEventStore)store);
}

public sealed class ChainConformanceTests : ChainSuite
{
    protected override Task<(IEventStore Store, ICheckpointStore Checkpoints)> CreateAsync() => Task.FromResult<(IEventStore, ICheckpointStore)>(
        (new InMemoryEventStore(new InMemoryOptions { HashChain = true }), new InMemoryCheckpointStore()));

    protected override IHashChain CreateChain(IEventStore store) => new InMemoryHashChain((InMemoryEventStore)store);
}

public sealed class SubjectKeyConformanceTests : SubjectKeySuite
{
    private readonly InMemorySubjectKeyStore keys = new();

    protected override Task<(IEventStore Store, ICheckpointStore Checkpoints)> CreateAsync() => InMemory.CreateAsync(MaxEventBytes);

    protected override ISubjectKeyStore CreateKeys(IEventStore store) => keys;
}

public sealed class PersonalDataConformanceTests : PersonalDataSuite
{
    private readonly Beside beside = new();

    protected override Task<(IEventStore Store, ICheckpointStore Checkpoints)> CreateAsync() => InMemory.CreateAsync(MaxEventBytes);

    protected override void AddBeside(IServiceCollection services, IEventStore store) => beside.AddTo(services, store);
}

public sealed class PersonalKeyConformanceTests : PersonalKeySuite
{
    private readonly Beside beside = new();

    protected override Task<(IEventStore Store, ICheckpointStore Checkpoints)> CreateAsync() => InMemory.CreateAsync(MaxEventBytes);

    protected override void AddBeside(IServiceCollection services, IEventStore store) => beside.AddTo(services, store);
}
