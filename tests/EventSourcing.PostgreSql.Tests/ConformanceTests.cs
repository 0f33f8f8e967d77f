using EventSourcing.Conformance;
using Microsoft.Extensions.DependencyInjection;

namespace EventSourcing.PostgreSql;

// A schema for each test: every one of them wants an empty log.

public sealed class AppendConformanceTests : AppendSuite
{
    private readonly ConformanceDatabase database = new();

    protected override Task<(IEventStore Store, ICheckpointStore Checkpoints)> CreateAsync() => database.CreateAsync(MaxEventBytes);

    protected override ValueTask ReleaseAsync() => database.DisposeAsync();
}

public sealed class RetryConformanceTests : RetrySuite
{
    private readonly ConformanceDatabase database = new();

    protected override Task<(IEventStore Store, ICheckpointStore Checkpoints)> CreateAsync() => database.CreateAsync(MaxEventBytes);

    protected override ValueTask ReleaseAsync() => database.DisposeAsync();
}

public sealed class ConcurrencyConformanceTests : ConcurrencySuite
{
    private readonly ConformanceDatabase database = new();

    protected override Task<(IEventStore Store, ICheckpointStore Checkpoints)> CreateAsync() => database.CreateAsync(MaxEventBytes);

    protected override ValueTask ReleaseAsync() => database.DisposeAsync();
}

public sealed class FidelityConformanceTests : FidelitySuite
{
    private readonly ConformanceDatabase database = new();

    protected override Task<(IEventStore Store, ICheckpointStore Checkpoints)> CreateAsync() => database.CreateAsync(MaxEventBytes);

    protected override ValueTask ReleaseAsync() => database.DisposeAsync();
}

public sealed class BadInputConformanceTests : BadInputSuite
{
    private readonly ConformanceDatabase database = new();

    protected override Task<(IEventStore Store, ICheckpointStore Checkpoints)> CreateAsync() => database.CreateAsync(MaxEventBytes);

    protected override ValueTask ReleaseAsync() => database.DisposeAsync();
}

public sealed class ReadStreamConformanceTests : ReadStreamSuite
{
    private readonly ConformanceDatabase database = new();

    protected override Task<(IEventStore Store, ICheckpointStore Checkpoints)> CreateAsync() => database.CreateAsync(MaxEventBytes);

    protected override ValueTask ReleaseAsync() => database.DisposeAsync();
}

public sealed class CacheConformanceTests : CacheSuite
{
    private readonly ConformanceDatabase database = new();

    protected override Task<(IEventStore Store, ICheckpointStore Checkpoints)> CreateAsync() => database.CreateAsync(MaxEventBytes);

    protected override ValueTask ReleaseAsync() => database.DisposeAsync();
}

public sealed class SnapshotConformanceTests : SnapshotSuite
{
    private readonly ConformanceDatabase database = new();

    protected override Task<(IEventStore Store, ICheckpointStore Checkpoints)> CreateAsync() => database.CreateAsync(MaxEventBytes);

    protected override ValueTask ReleaseAsync() => database.DisposeAsync();

    protected override ISnapshotStore CreateSnapshots(IEventStore store) => new PostgreSqlSnapshotStore((PostgreSqlEventStore)store);
}

public sealed class ReplayConformanceTests : ReplaySuite
{
    private readonly ConformanceDatabase database = new();

    protected override Task<(IEventStore Store, ICheckpointStore Checkpoints)> CreateAsync() => database.CreateAsync(MaxEventBytes);

    protected override ValueTask ReleaseAsync() => database.DisposeAsync();
}

public sealed class ReadLogConformanceTests : ReadLogSuite
{
    private readonly ConformanceDatabase database = new();

    protected override Task<(IEventStore Store, ICheckpointStore Checkpoints)> CreateAsync() => database.CreateAsync(MaxEventBytes);

    protected override ValueTask ReleaseAsync() => database.DisposeAsync();
}

public sealed class SubscriptionConformanceTests : SubscriptionSuite
{
    private readonly ConformanceDatabase database = new();

    protected override Task<(IEventStore Store, ICheckpointStore Checkpoints)> CreateAsync() => database.CreateAsync(MaxEventBytes);

    protected override ValueTask ReleaseAsync() => database.DisposeAsync();
}

public sealed class CheckpointConformanceTests : CheckpointSuite
{
    private readonly ConformanceDatabase database = new();

    protected override Task<(IEventStore Store, ICheckpointStore Checkpoints)> CreateAsync() => database.CreateAsync(MaxEventBytes);

    protected override ValueTask ReleaseAsync() => database.DisposeAsync();
}

public sealed class RepositoryConformanceTests : RepositorySuite
{
    private readonly ConformanceDatabase database = new();

    protected override Task<(IEventStore Store, ICheckpointStore Checkpoints)> CreateAsync() => database.CreateAsync(MaxEventBytes);

    protected override ValueTask ReleaseAsync() => database.DisposeAsync();
}

public sealed class RepeatableCommandConformanceTests : RepeatableCommandSuite
{
    private readonly ConformanceDatabase database = new();

    protected override Task<(IEventStore Store, ICheckpointStore Checkpoints)> CreateAsync() => database.CreateAsync(MaxEventBytes);

    protected override ValueTask ReleaseAsync() => database.DisposeAsync();
}

public sealed class ProjectionConformanceTests : ProjectionSuite
{
    private readonly ConformanceDatabase database = new();

    protected override Task<(IEventStore Store, ICheckpointStore Checkpoints)> CreateAsync() => database.CreateAsync(MaxEventBytes);

    protected override ValueTask ReleaseAsync() => database.DisposeAsync();
}

public sealed class ViewConformanceTests : ViewSuite
{
    private readonly ConformanceDatabase database = new();

    protected override Task<(IEventStore Store, ICheckpointStore Checkpoints)> CreateAsync() => database.CreateAsync(MaxEventBytes);

    protected override IDeadLetterStore Letters => new PostgreSqlDeadLetterStore((PostgreSqlEventStore)Store);

    protected override (IConsumerStore Consumers, IViewStore Views) Beside(EventSerializer serializer) =>
        (new PostgreSqlConsumerStore((PostgreSqlEventStore)Store), new PostgreSqlViewStore((PostgreSqlEventStore)Store, serializer));

    protected override ValueTask ReleaseAsync() => database.DisposeAsync();
}

public sealed class ControlConformanceTests : ControlSuite
{
    private readonly ConformanceDatabase database = new();

    protected override Task<(IEventStore Store, ICheckpointStore Checkpoints)> CreateAsync() => database.CreateAsync(MaxEventBytes);

    protected override IDeadLetterStore Letters => new PostgreSqlDeadLetterStore((PostgreSqlEventStore)Store);

    protected override (IConsumerStore Consumers, IViewStore Views) Beside(EventSerializer serializer) =>
        (new PostgreSqlConsumerStore((PostgreSqlEventStore)Store), new PostgreSqlViewStore((PostgreSqlEventStore)Store, serializer));

    protected override ValueTask ReleaseAsync() => database.DisposeAsync();
}

public sealed class InlineConformanceTests : InlineSuite
{
    private readonly ConformanceDatabase database = new();

    protected override Task<(IEventStore Store, ICheckpointStore Checkpoints)> CreateAsync() => database.CreateAsync(MaxEventBytes);

    protected override IDeadLetterStore Letters => new PostgreSqlDeadLetterStore((PostgreSqlEventStore)Store);

    protected override (IConsumerStore Consumers, IViewStore Views) Beside(EventSerializer serializer) =>
        (new PostgreSqlConsumerStore((PostgreSqlEventStore)Store), new PostgreSqlViewStore((PostgreSqlEventStore)Store, serializer));

    protected override void Register(IInlineProjection projection) =>
        ((PostgreSqlEventStore)Store).UseInline((InlineProjection)projection);

    protected override ValueTask ReleaseAsync() => database.DisposeAsync();
}

public sealed class ReactorConformanceTests : ReactorSuite
{
    private readonly ConformanceDatabase database = new();

    protected override Task<(IEventStore Store, ICheckpointStore Checkpoints)> CreateAsync() => database.CreateAsync(MaxEventBytes);

    protected override ValueTask ReleaseAsync() => database.DisposeAsync();

    protected override ReactorState CreateState(IEventStore store) => ConformanceDatabase.ReactorState((PostgreSqlEventStore)store);
}

public sealed class ReactorFailureConformanceTests : ReactorFailureSuite
{
    private readonly ConformanceDatabase database = new();

    protected override Task<(IEventStore Store, ICheckpointStore Checkpoints)> CreateAsync() => database.CreateAsync(MaxEventBytes);

    protected override ValueTask ReleaseAsync() => database.DisposeAsync();

    protected override ReactorState CreateState(IEventStore store) => ConformanceDatabase.ReactorState((PostgreSqlEventStore)store);
}

public sealed class ReactorMessageConformanceTests : ReactorMessageSuite
{
    private readonly ConformanceDatabase database = new();

    protected override Task<(IEventStore Store, ICheckpointStore Checkpoints)> CreateAsync() => database.CreateAsync(MaxEventBytes);

    protected override ValueTask ReleaseAsync() => database.DisposeAsync();

    protected override ReactorState CreateState(IEventStore store) => ConformanceDatabase.ReactorState((PostgreSqlEventStore)store);
}

public sealed class MessagingConformanceTests : MessagingSuite
{
    private readonly ConformanceDatabase database = new();

    protected override Task<(IEventStore Store, ICheckpointStore Checkpoints)> CreateAsync() => database.CreateAsync(MaxEventBytes);

    protected override IDeadLetterStore Letters => new PostgreSqlDeadLetterStore((PostgreSqlEventStore)Store);

    protected override (IConsumerStore Consumers, IViewStore Views) Beside(EventSerializer serializer) =>
        (new PostgreSqlConsumerStore((PostgreSqlEventStore)Store), new PostgreSqlViewStore((PostgreSqlEventStore)Store, serializer));

    protected override IOutbox OutboxBeside(IConsumerStore consumers) => new PostgreSqlOutbox((PostgreSqlEventStore)Store);

    protected override ValueTask ReleaseAsync() => database.DisposeAsync();
}

public sealed class EvolutionConformanceTests : EvolutionSuite
{
    private readonly ConformanceDatabase database = new();

    protected override ISnapshotStore CreateSnapshots(IEventStore store) => new PostgreSqlSnapshotStore((PostgreSqlEventStore)store);

    protected override Task<(IEventStore Store, ICheckpointStore Checkpoints)> CreateAsync() => database.CreateAsync(MaxEventBytes);

    protected override IDeadLetterStore Letters => new PostgreSqlDeadLetterStore((PostgreSqlEventStore)Store);

    protected override (IConsumerStore Consumers, IViewStore Views) Beside(EventSerializer serializer) =>
        (new PostgreSqlConsumerStore((PostgreSqlEventStore)Store), new PostgreSqlViewStore((PostgreSqlEventStore)Store, serializer));

    protected override void Register(IInlineProjection projection) =>
        ((PostgreSqlEventStore)Store).UseInline((InlineProjection)projection);

    protected override ValueTask ReleaseAsync() => database.DisposeAsync();

    protected override ReactorState CreateState(IEventStore store) => ConformanceDatabase.ReactorState((PostgreSqlEventStore)store);
}

public sealed class QueryConformanceTests : QuerySuite
{
    private readonly ConformanceDatabase database = new();

    protected override Task<(IEventStore Store, ICheckpointStore Checkpoints)> CreateAsync() => database.CreateAsync(MaxEventBytes);

    protected override ValueTask ReleaseAsync() => database.DisposeAsync();
}

public sealed class BoundaryConformanceTests : BoundarySuite
{
    private readonly ConformanceDatabase database = new();

    protected override Task<(IEventStore Store, ICheckpointStore Checkpoints)> CreateAsync() => database.CreateAsync(MaxEventBytes);

    protected override ValueTask ReleaseAsync() => database.DisposeAsync();
}

public sealed class DecisionConformanceTests : DecisionSuite
{
    private readonly ConformanceDatabase database = new();

    protected override Task<(IEventStore Store, ICheckpointStore Checkpoints)> CreateAsync() => database.CreateAsync(MaxEventBytes);

    protected override ValueTask ReleaseAsync() => database.DisposeAsync();
}

public sealed class BoundaryRaceConformanceTests : BoundaryRaceSuite
{
    private readonly ConformanceDatabase database = new();

    protected override Task<(IEventStore Store, ICheckpointStore Checkpoints)> CreateAsync() => database.CreateAsync(MaxEventBytes);

    protected override ValueTask ReleaseAsync() => database.DisposeAsync();

    protected override IEventStore CreateRival() => database.CreateRival();

    protected override async Task<Func<bool, Task>> OpenAppendAsync(AppendRequest request)
    {
        var connection = await database.DataSource.OpenConnectionAsync(Cancellation);
        var transaction = await connection.BeginTransactionAsync(Cancellation);
        await ((PostgreSqlEventStore)Store).AppendAsync(request, transaction, Cancellation);
        return async isKept =>
        {
            await (isKept ? transaction.CommitAsync(Cancellation) : transaction.RollbackAsync(Cancellation));
            await connection.DisposeAsync();
        };
    }
}

public sealed class RestoreConformanceTests : RestoreSuite
{
    private readonly ConformanceDatabase database = new();

    protected override Task<(IEventStore Store, ICheckpointStore Checkpoints)> CreateAsync() => database.CreateAsync(MaxEventBytes);

    protected override ValueTask ReleaseAsync() => database.DisposeAsync();
}

public sealed class ExportConformanceTests : ExportSuite
{
    private readonly ConformanceDatabase database = new();

    protected override Task<(IEventStore Store, ICheckpointStore Checkpoints)> CreateAsync() => database.CreateAsync(MaxEventBytes);

    protected override ValueTask ReleaseAsync() => database.DisposeAsync();
}

public sealed class CopyConformanceTests : CopySuite
{
    private readonly ConformanceDatabase database = new();

    protected override Task<(IEventStore Store, ICheckpointStore Checkpoints)> CreateAsync() => database.CreateAsync(MaxEventBytes);

    protected override ValueTask ReleaseAsync() => database.DisposeAsync();
}

public sealed class StreamLifeConformanceTests : StreamLifeSuite
{
    private readonly ConformanceDatabase database = new();

    protected override Task<(IEventStore Store, ICheckpointStore Checkpoints)> CreateAsync() => database.CreateAsync(MaxEventBytes);

    protected override IDeadLetterStore Letters => new PostgreSqlDeadLetterStore((PostgreSqlEventStore)Store);

    protected override (IConsumerStore Consumers, IViewStore Views) Beside(EventSerializer serializer) =>
        (new PostgreSqlConsumerStore((PostgreSqlEventStore)Store), new PostgreSqlViewStore((PostgreSqlEventStore)Store, serializer));

    protected override void Register(IInlineProjection projection) => ((PostgreSqlEventStore)Store).UseInline((InlineProjection)projection);

    protected override StreamLife LifeOf(IEventStore store, EventTypeRegistry types) => database.LifeOf(store, types);

    protected override ValueTask ReleaseAsync() => database.DisposeAsync();
}

public sealed class StreamLifeRaceConformanceTests : StreamLifeRaceSuite
{
    private readonly ConformanceDatabase database = new();

    protected override Task<(IEventStore Store, ICheckpointStore Checkpoints)> CreateAsync() => database.CreateAsync(MaxEventBytes);

    protected override IDeadLetterStore Letters => new PostgreSqlDeadLetterStore((PostgreSqlEventStore)Store);

    protected override (IConsumerStore Consumers, IViewStore Views) Beside(EventSerializer serializer) =>
        (new PostgreSqlConsumerStore((PostgreSqlEventStore)Store), new PostgreSqlViewStore((PostgreSqlEventStore)Store, serializer));

    protected override StreamLife LifeOf(IEventStore store, EventTypeRegistry types) => database.LifeOf(store, types);

    protected override ValueTask ReleaseAsync() => database.DisposeAsync();
}

public sealed class HistoryConformanceTests : HistorySuite
{
    private readonly ConformanceDatabase database = new();

    protected override Task<(IEventStore Store, ICheckpointStore Checkpoints)> CreateAsync() => database.CreateAsync(MaxEventBytes);

    protected override ISnapshotStore CreateSnapshots(IEventStore store) => new PostgreSqlSnapshotStore((PostgreSqlEventStore)store);

    protected override ValueTask ReleaseAsync() => database.DisposeAsync();
}

public abstract class AuditConformance : AuditSuite
{
    private protected ConformanceDatabase Database { get; } = new();

    protected override Task<(IEventStore Store, ICheckpointStore Checkpoints)> CreateAsync() => Database.CreateAsync(MaxEventBytes);

    protected override ReactorState CreateState(IEventStore store) => ConformanceDatabase.ReactorState((PostgreSqlEventStore)store);

    protected override IEventLookup CreateLookup(IEventStore store) => new PostgreSqlEventLookup((PostgreSqlEventStore)store);

    protected override ValueTask ReleaseAsync() => Database.DisposeAsync();
}

public sealed class AuditConformanceTests : AuditConformance;

public sealed class IndexedAuditConformanceTests : AuditConformance
{
    protected override async Task<(IEventStore Store, ICheckpointStore Checkpoints)> CreateAsync()
    {
        var created = await Database.CreateAsync(MaxEventBytes, partitions: 3);
        await ((PostgreSqlEventStore)created.Store).Schema.InstallAuditIndexesAsync(Cancellation);
        return created;
    }
}

public abstract class ChainConformance(int partitions) : ChainSuite
{
    private readonly ConformanceDatabase database = new();

    protected override async Task<(IEventStore Store, ICheckpointStore Checkpoints)> CreateAsync()
    {
        var created = await database.CreateAsync(MaxEventBytes, partitions);
        await ((PostgreSqlEventStore)created.Store).Schema.InstallHashChainAsync(cancellationToken: Cancellation);
        return created;
    }

    protected override IHashChain CreateChain(IEventStore store) => new PostgreSqlHashChain((PostgreSqlEventStore)store);

    protected override ValueTask ReleaseAsync() => database.DisposeAsync();
}

public sealed class ChainConformanceTests() : ChainConformance(partitions: 1);

public sealed class PartitionedChainConformanceTests() : ChainConformance(partitions: 3);

public sealed class StreamLifeOnPartitionsConformanceTests : StreamLifeSuite
{
    private readonly ConformanceDatabase database = new();

    protected override Task<(IEventStore Store, ICheckpointStore Checkpoints)> CreateAsync() => database.CreateAsync(MaxEventBytes, partitions: 16);

    protected override IDeadLetterStore Letters => new PostgreSqlDeadLetterStore((PostgreSqlEventStore)Store);

    protected override (IConsumerStore Consumers, IViewStore Views) Beside(EventSerializer serializer) =>
        (new PostgreSqlConsumerStore((PostgreSqlEventStore)Store), new PostgreSqlViewStore((PostgreSqlEventStore)Store, serializer));

    protected override void Register(IInlineProjection projection) => ((PostgreSqlEventStore)Store).UseInline((InlineProjection)projection);

    protected override StreamLife LifeOf(IEventStore store, EventTypeRegistry types) => database.LifeOf(store, types);

    protected override ValueTask ReleaseAsync() => database.DisposeAsync();
}

public sealed class SubjectKeyConformanceTests : SubjectKeySuite
{
    private readonly ConformanceDatabase database = new();

    protected override Task<(IEventStore Store, ICheckpointStore Checkpoints)> CreateAsync() => database.CreateAsync(MaxEventBytes);

    protected override ValueTask ReleaseAsync() => database.DisposeAsync();

    protected override ISubjectKeyStore CreateKeys(IEventStore store) => new PostgreSqlSubjectKeyStore((PostgreSqlEventStore)store);
}

public sealed class PersonalDataConformanceTests : PersonalDataSuite
{
    private readonly ConformanceDatabase database = new();

    protected override Task<(IEventStore Store, ICheckpointStore Checkpoints)> CreateAsync() => database.CreateAsync(MaxEventBytes);

    protected override void AddBeside(IServiceCollection services, IEventStore store) => ConformanceDatabase.AddBeside(services, (PostgreSqlEventStore)store);

    protected override async ValueTask ReleaseAsync()
    {
        await base.ReleaseAsync();
        await database.DisposeAsync();
    }
}

public sealed class PersonalKeyConformanceTests : PersonalKeySuite
{
    private readonly ConformanceDatabase database = new();

    protected override Task<(IEventStore Store, ICheckpointStore Checkpoints)> CreateAsync() => database.CreateAsync(MaxEventBytes);

    protected override void AddBeside(IServiceCollection services, IEventStore store) => ConformanceDatabase.AddBeside(services, (PostgreSqlEventStore)store);

    protected override async ValueTask ReleaseAsync()
    {
        await base.ReleaseAsync();
        await database.DisposeAsync();
    }
}
