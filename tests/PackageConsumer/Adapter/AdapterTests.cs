// An adapter of somebody else, and its tests: with nothing but the packages, and only the suites for what it can do.
using System.Runtime.CompilerServices;
using EventSourcing;
using EventSourcing.Conformance;
using EventSourcing.InMemory;

namespace Elsewhere;

public sealed class AppendTests : AppendSuite
{
    protected override Task<(IEventStore Store, ICheckpointStore Checkpoints)> CreateAsync() => NumberedStore.NewAsync(MaxEventBytes, MaxAppendBytes);
}

public sealed class RetryTests : RetrySuite
{
    protected override Task<(IEventStore Store, ICheckpointStore Checkpoints)> CreateAsync() => NumberedStore.NewAsync(MaxEventBytes, MaxAppendBytes);
}

public sealed class ReadStreamTests : ReadStreamSuite
{
    protected override Task<(IEventStore Store, ICheckpointStore Checkpoints)> CreateAsync() => NumberedStore.NewAsync(MaxEventBytes, MaxAppendBytes);
}

public sealed class ReadLogTests : ReadLogSuite
{
    protected override Task<(IEventStore Store, ICheckpointStore Checkpoints)> CreateAsync() => NumberedStore.NewAsync(MaxEventBytes, MaxAppendBytes);
}

public sealed class BoundaryTests : BoundarySuite
{
    protected override Task<(IEventStore Store, ICheckpointStore Checkpoints)> CreateAsync() => NumberedStore.NewAsync(MaxEventBytes, MaxAppendBytes);
}

public sealed class ReactorTests : ReactorSuite
{
    protected override Task<(IEventStore Store, ICheckpointStore Checkpoints)> CreateAsync() => NumberedStore.NewAsync(MaxEventBytes, MaxAppendBytes);

    protected override ReactorState CreateState(IEventStore store)
    {
        var consumers = new InMemoryConsumerStore();
        return new ReactorState(new InMemoryReactorStore(consumers), consumers, new InMemoryDeadLetterStore(consumers));
    }
}

/// <summary>Counts what goes through, and adds nothing else to the store that it stands before.</summary>
public sealed class NumberedStore(IEventStore inner) : IEventStore
{
    private int appends;

    public int Appends => appends;

    public static Task<(IEventStore Store, ICheckpointStore Checkpoints)> NewAsync(int maxEventBytes, int maxAppendBytes)
    {
        var options = new InMemoryOptions { MaxEventBytes = maxEventBytes, MaxAppendBytes = maxAppendBytes };
        return Task.FromResult<(IEventStore, ICheckpointStore)>((new NumberedStore(new InMemoryEventStore(options)), new InMemoryCheckpointStore()));
    }

    public Task<AppendResult> AppendAsync(AppendRequest request, CancellationToken cancellationToken = default)
    {
        Interlocked.Increment(ref appends);
        return inner.AppendAsync(request, cancellationToken);
    }

    public async IAsyncEnumerable<RecordedEvent> ReadStreamAsync(
        StreamName stream, StreamReadOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        await foreach (var recorded in inner.ReadStreamAsync(stream, options, cancellationToken))
        {
            yield return recorded;
        }
    }

    public Task<LogPage> ReadLogAsync(LogReadOptions options, CancellationToken cancellationToken = default) => inner.ReadLogAsync(options, cancellationToken);

    public Task<QueryResult> QueryAsync(EventQuery query, CancellationToken cancellationToken = default) => inner.QueryAsync(query, cancellationToken);

    public Task<LogHead> GetHeadAsync(CancellationToken cancellationToken = default) => inner.GetHeadAsync(cancellationToken);

    public Task WaitForAppendAsync(LogPosition after, CancellationToken cancellationToken = default) => inner.WaitForAppendAsync(after, cancellationToken);
}
