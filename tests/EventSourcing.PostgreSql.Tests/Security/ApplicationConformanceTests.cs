using EventSourcing.Conformance;

namespace EventSourcing.PostgreSql;

// Everything that a store does, as a login that is nothing but a member of the application role.

public sealed class AppendAsApplicationTests : AppendSuite
{
    private readonly ConformanceDatabase database = new();

    protected override Task<(IEventStore Store, ICheckpointStore Checkpoints)> CreateAsync() => database.CreateAsApplicationAsync(MaxEventBytes);

    protected override ValueTask ReleaseAsync() => database.DisposeAsync();
}

public sealed class ConcurrencyAsApplicationTests : ConcurrencySuite
{
    private readonly ConformanceDatabase database = new();

    protected override Task<(IEventStore Store, ICheckpointStore Checkpoints)> CreateAsync() => database.CreateAsApplicationAsync(MaxEventBytes);

    protected override ValueTask ReleaseAsync() => database.DisposeAsync();
}

public sealed class ReadLogAsApplicationTests : ReadLogSuite
{
    private readonly ConformanceDatabase database = new();

    protected override Task<(IEventStore Store, ICheckpointStore Checkpoints)> CreateAsync() => database.CreateAsApplicationAsync(MaxEventBytes);

    protected override ValueTask ReleaseAsync() => database.DisposeAsync();
}

public sealed class SubscriptionAsApplicationTests : SubscriptionSuite
{
    private readonly ConformanceDatabase database = new();

    protected override Task<(IEventStore Store, ICheckpointStore Checkpoints)> CreateAsync() => database.CreateAsApplicationAsync(MaxEventBytes);

    protected override ValueTask ReleaseAsync() => database.DisposeAsync();
}

public sealed class CheckpointAsApplicationTests : CheckpointSuite
{
    private readonly ConformanceDatabase database = new();

    protected override Task<(IEventStore Store, ICheckpointStore Checkpoints)> CreateAsync() => database.CreateAsApplicationAsync(MaxEventBytes);

    protected override ValueTask ReleaseAsync() => database.DisposeAsync();
}

public sealed class SnapshotAsApplicationTests : SnapshotSuite
{
    private readonly ConformanceDatabase database = new();

    protected override Task<(IEventStore Store, ICheckpointStore Checkpoints)> CreateAsync() => database.CreateAsApplicationAsync(MaxEventBytes);

    protected override ValueTask ReleaseAsync() => database.DisposeAsync();

    protected override ISnapshotStore CreateSnapshots(IEventStore store) => new PostgreSqlSnapshotStore((PostgreSqlEventStore)store);
}

public sealed class ProjectionAsApplicationTests : ProjectionSuite
{
    private readonly ConformanceDatabase database = new();

    protected override Task<(IEventStore Store, ICheckpointStore Checkpoints)> CreateAsync() => database.CreateAsApplicationAsync(MaxEventBytes);

    protected override ValueTask ReleaseAsync() => database.DisposeAsync();
}

public sealed class ViewAsApplicationTests : ViewSuite
{
    private readonly ConformanceDatabase database = new();

    protected override Task<(IEventStore Store, ICheckpointStore Checkpoints)> CreateAsync() => database.CreateAsApplicationAsync(MaxEventBytes);

    protected override IDeadLetterStore Letters => new PostgreSqlDeadLetterStore((PostgreSqlEventStore)Store);

    protected override (IConsumerStore Consumers, IViewStore Views) Beside(EventSerializer serializer) =>
        (new PostgreSqlConsumerStore((PostgreSqlEventStore)Store), new PostgreSqlViewStore((PostgreSqlEventStore)Store, serializer));

    protected override ValueTask ReleaseAsync() => database.DisposeAsync();
}

public sealed class ControlAsApplicationTests : ControlSuite
{
    private readonly ConformanceDatabase database = new();

    protected override Task<(IEventStore Store, ICheckpointStore Checkpoints)> CreateAsync() => database.CreateAsApplicationAsync(MaxEventBytes);

    protected override IDeadLetterStore Letters => new PostgreSqlDeadLetterStore((PostgreSqlEventStore)Store);

    protected override (IConsumerStore Consumers, IViewStore Views) Beside(EventSerializer serializer) =>
        (new PostgreSqlConsumerStore((PostgreSqlEventStore)Store), new PostgreSqlViewStore((PostgreSqlEventStore)Store, serializer));

    protected override ValueTask ReleaseAsync() => database.DisposeAsync();
}

public sealed class InlineAsApplicationTests : InlineSuite
{
    private readonly ConformanceDatabase database = new();

    protected override Task<(IEventStore Store, ICheckpointStore Checkpoints)> CreateAsync() => database.CreateAsApplicationAsync(MaxEventBytes);

    protected override IDeadLetterStore Letters => new PostgreSqlDeadLetterStore((PostgreSqlEventStore)Store);

    protected override (IConsumerStore Consumers, IViewStore Views) Beside(EventSerializer serializer) =>
        (new PostgreSqlConsumerStore((PostgreSqlEventStore)Store), new PostgreSqlViewStore((PostgreSqlEventStore)Store, serializer));

    protected override void Register(IInlineProjection projection) =>
        ((PostgreSqlEventStore)Store).UseInline((InlineProjection)projection);

    protected override ValueTask ReleaseAsync() => database.DisposeAsync();
}

public sealed class ReactorAsApplicationTests : ReactorSuite
{
    private readonly ConformanceDatabase database = new();

    protected override Task<(IEventStore Store, ICheckpointStore Checkpoints)> CreateAsync() => database.CreateAsApplicationAsync(MaxEventBytes);

    protected override ValueTask ReleaseAsync() => database.DisposeAsync();

    protected override ReactorState CreateState(IEventStore store) => ConformanceDatabase.ReactorState((PostgreSqlEventStore)store);
}

public sealed class ReactorMessageAsApplicationTests : ReactorMessageSuite
{
    private readonly ConformanceDatabase database = new();

    protected override Task<(IEventStore Store, ICheckpointStore Checkpoints)> CreateAsync() => database.CreateAsApplicationAsync(MaxEventBytes);

    protected override ValueTask ReleaseAsync() => database.DisposeAsync();

    protected override ReactorState CreateState(IEventStore store) => ConformanceDatabase.ReactorState((PostgreSqlEventStore)store);
}

public sealed class MessagingAsApplicationTests : MessagingSuite
{
    private readonly ConformanceDatabase database = new();

    protected override Task<(IEventStore Store, ICheckpointStore Checkpoints)> CreateAsync() => database.CreateAsApplicationAsync(MaxEventBytes);

    protected override IDeadLetterStore Letters => new PostgreSqlDeadLetterStore((PostgreSqlEventStore)Store);

    protected override (IConsumerStore Consumers, IViewStore Views) Beside(EventSerializer serializer) =>
        (new PostgreSqlConsumerStore((PostgreSqlEventStore)Store), new PostgreSqlViewStore((PostgreSqlEventStore)Store, serializer));

    protected override IOutbox OutboxBeside(IConsumerStore consumers) => new PostgreSqlOutbox((PostgreSqlEventStore)Store);

    protected override ValueTask ReleaseAsync() => database.DisposeAsync();
}

public sealed class BoundaryAsApplicationTests : BoundarySuite
{
    private readonly ConformanceDatabase database = new();

    protected override Task<(IEventStore Store, ICheckpointStore Checkpoints)> CreateAsync() => database.CreateAsApplicationAsync(MaxEventBytes);

    protected override ValueTask ReleaseAsync() => database.DisposeAsync();
}

public sealed class DecisionAsApplicationTests : DecisionSuite
{
    private readonly ConformanceDatabase database = new();

    protected override Task<(IEventStore Store, ICheckpointStore Checkpoints)> CreateAsync() => database.CreateAsApplicationAsync(MaxEventBytes);

    protected override ValueTask ReleaseAsync() => database.DisposeAsync();
}
