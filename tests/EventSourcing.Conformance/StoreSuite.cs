using System.Text;
using Xunit;

namespace EventSourcing.Conformance;

/// <summary>What every suite needs: an empty store for each test. Not a suite itself: derive from those that are.</summary>
public abstract class StoreSuite : IAsyncLifetime
{
    /// <summary>Long enough for a loaded machine; a test that needs it has failed.</summary>
    private protected static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    /// <summary>The store of this test, empty at its start.</summary>
    protected IEventStore Store { get; private set; } = null!;

    /// <summary>Checkpoints beside the store, empty too.</summary>
    protected ICheckpointStore Checkpoints { get; private set; } = null!;

    /// <summary>The limit of the store's events.</summary>
    protected const int MaxEventBytes = 100_000;

    /// <summary>The limit of all events of one append together.</summary>
    protected const int MaxAppendBytes = 100 * MaxEventBytes;

    /// <summary>Cancelled when the test run is.</summary>
    protected static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>Makes an empty store that takes events of at most <see cref="MaxEventBytes"/>, and appends of at most
    /// a hundred such; and checkpoints beside it, which may be any where the adapter keeps none of its own.</summary>
    protected abstract Task<(IEventStore Store, ICheckpointStore Checkpoints)> CreateAsync();

    /// <summary>Gives back what <see cref="CreateAsync"/> has taken.</summary>
    protected virtual ValueTask ReleaseAsync() => ValueTask.CompletedTask;

    /// <summary>Called before each test: makes its store.</summary>
    public async ValueTask InitializeAsync() => (Store, Checkpoints) = await CreateAsync();

    /// <summary>Called after each test: gives back what was taken.</summary>
    public async ValueTask DisposeAsync()
    {
        await ReleaseAsync();
        GC.SuppressFinalize(this);
    }

    private protected static EventData NewEvent(string type = "happened", string data = "{}", string metadata = "") =>
        new(Guid.CreateVersion7(), type, Encoding.UTF8.GetBytes(data), Encoding.UTF8.GetBytes(metadata));

    private protected static EventData[] NewEvents(int count, string type = "happened") =>
        [.. Enumerable.Range(0, count).Select(i => NewEvent(type, $$"""{"n":{{i}}}"""))];

    private protected Task<AppendResult> AppendAsync(StreamName stream, ExpectedVersion expected, params EventData[] events) =>
        Store.AppendAsync(stream, expected, events, Cancellation);

    private protected Task<AppendResult> AppendAsync(params StreamAppend[] parts) => Store.AppendAsync(new AppendRequest(parts), Cancellation);

    private protected async Task<List<RecordedEvent>> ReadAsync(StreamName stream, StreamReadOptions? options = null) =>
        await Store.ReadStreamAsync(stream, options, Cancellation).ToListAsync(Cancellation);

    private protected async Task<List<RecordedEvent>> ReadLogAsync(LogReadOptions? options = null) =>
        await Store.ReadAllAsync(options, Cancellation).ToListAsync(Cancellation);

    private protected async Task<long> HeadAsync() => (await Store.GetHeadAsync(Cancellation)).Final.Value;

    /// <summary>The action is refused as described, and the log holds afterwards what it held before.</summary>
    private protected async Task<TException> RefusesAsync<TException>(Func<Task> action)
        where TException : Exception
    {
        var before = await HeadAsync();
        var refusal = await Assert.ThrowsAnyAsync<TException>(action);
        Assert.Equal(before, await HeadAsync());
        return refusal;
    }

    private protected async Task<ConcurrencyConflictException> ConflictsAsync(Func<Task> append, params (string Stream, ExpectedVersion Expected, long Actual)[] conflicts)
    {
        var conflict = await RefusesAsync<ConcurrencyConflictException>(append);
        Assert.Equal(
            conflicts.Select(expected => new VersionConflict(expected.Stream, expected.Expected, new StreamVersion(expected.Actual))),
            conflict.Conflicts);
        return conflict;
    }
}
