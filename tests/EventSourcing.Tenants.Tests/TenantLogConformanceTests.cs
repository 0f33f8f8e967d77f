using EventSourcing.Conformance;
using EventSourcing.InMemory;

namespace EventSourcing.Tenants;

// A tenant's part of a log is an event store: it passes what every one must pass. (Not the
// suites that use the longest names and the most tags there may be: a part of them is the tenant's.)

internal static class Part
{
    public static Task<(IEventStore Store, ICheckpointStore Checkpoints)> CreateAsync(int maxEventBytes) => Task.FromResult<(IEventStore, ICheckpointStore)>((
        new TenantLog(new InMemoryEventStore(new InMemoryOptions { MaxEventBytes = maxEventBytes, MaxAppendBytes = 100 * maxEventBytes }), "acme"),
        new InMemoryCheckpointStore()));
}

public sealed class TenantAppendTests : AppendSuite
{
    protected override Task<(IEventStore Store, ICheckpointStore Checkpoints)> CreateAsync() => Part.CreateAsync(MaxEventBytes);
}

public sealed class TenantRetryTests : RetrySuite
{
    protected override Task<(IEventStore Store, ICheckpointStore Checkpoints)> CreateAsync() => Part.CreateAsync(MaxEventBytes);
}

public sealed class TenantConcurrencyTests : ConcurrencySuite
{
    protected override Task<(IEventStore Store, ICheckpointStore Checkpoints)> CreateAsync() => Part.CreateAsync(MaxEventBytes);
}

public sealed class TenantBadInputTests : BadInputSuite
{
    protected override Task<(IEventStore Store, ICheckpointStore Checkpoints)> CreateAsync() => Part.CreateAsync(MaxEventBytes);
}

public sealed class TenantReadStreamTests : ReadStreamSuite
{
    protected override Task<(IEventStore Store, ICheckpointStore Checkpoints)> CreateAsync() => Part.CreateAsync(MaxEventBytes);
}

public sealed class TenantReadLogTests : ReadLogSuite
{
    protected override Task<(IEventStore Store, ICheckpointStore Checkpoints)> CreateAsync() => Part.CreateAsync(MaxEventBytes);
}

public sealed class TenantReplayTests : ReplaySuite
{
    protected override Task<(IEventStore Store, ICheckpointStore Checkpoints)> CreateAsync() => Part.CreateAsync(MaxEventBytes);
}

public sealed class TenantSubscriptionTests : SubscriptionSuite
{
    protected override Task<(IEventStore Store, ICheckpointStore Checkpoints)> CreateAsync() => Part.CreateAsync(MaxEventBytes);
}

public sealed class TenantBoundaryTests : BoundarySuite
{
    protected override Task<(IEventStore Store, ICheckpointStore Checkpoints)> CreateAsync() => Part.CreateAsync(MaxEventBytes);
}

public sealed class TenantDecisionTests : DecisionSuite
{
    protected override Task<(IEventStore Store, ICheckpointStore Checkpoints)> CreateAsync() => Part.CreateAsync(MaxEventBytes);
}
