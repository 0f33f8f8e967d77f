using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace EventSourcing;

/// <summary>The one engine for loading, deciding and appending; see <see cref="IRepository"/>.</summary>
public sealed class Repository : IRepository
{
    private readonly IEventStore store;
    private readonly EventSerializer serializer;
    private readonly ConflictRetryOptions retry;
    private readonly StreamCache? cache;
    private readonly StateLoader loader;
    private readonly EarlierRuns runs;
    private readonly TimeProvider time;
    private readonly DecisionLoop decisions;

    /// <summary>Makes a repository; in an application with a container, ask for <see cref="IRepository"/> instead.</summary>
    /// <param name="store">Where events are kept.</param>
    /// <param name="serializer">Turns events into bytes and back.</param>
    /// <param name="retry">How often and how soon to decide again after a conflict.</param>
    /// <param name="time">The clock for the pause between attempts; the system's by default.</param>
    /// <param name="cache">How recently used streams are cached; not at all by default.</param>
    /// <param name="snapshots">Where snapshots are kept, for models with a <see cref="SnapshotPolicy"/>; nowhere by default.</param>
    /// <param name="logger">Where snapshots that fail are logged; nowhere by default.</param>
    public Repository(
        IEventStore store,
        EventSerializer serializer,
        ConflictRetryOptions? retry = null,
        TimeProvider? time = null,
        StreamCacheOptions? cache = null,
        ISnapshotStore? snapshots = null,
        ILogger<Repository>? logger = null)
    {
        ArgumentNullException.ThrowIfNull(store);
        ArgumentNullException.ThrowIfNull(serializer);
        this.store = store;
        this.serializer = serializer;
        this.retry = retry ?? new ConflictRetryOptions();
        this.time = time ?? TimeProvider.System;
        this.cache = cache is null ? null : new StreamCache(cache);
        if (this.cache is not null)
        {
            // Events there are encrypted; a snapshot may hold what they said as it is.
            serializer.Personal?.OnForgotten(this.cache.Clear);
        }

        runs = new EarlierRuns(store, serializer);
        decisions = new DecisionLoop(store, serializer, runs, this.retry, this.time);
        loader = new StateLoader(store, serializer, this.cache, snapshots, logger ?? NullLogger<Repository>.Instance);
    }

    /// <inheritdoc/>
    public async Task<FoldedState<TState>> LoadAsync<TState>(
        StreamName stream, Fold<TState> fold, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(fold);
        _ = stream.Value;
        var loaded = await LoadAsync(stream, fold, isOptimistic: false, cancellationToken).ConfigureAwait(false);
        return new FoldedState<TState>(loaded.State, loaded.Version, loaded.Position);
    }

    /// <inheritdoc/>
    public async Task<TAggregate> LoadAsync<TAggregate>(StreamName stream, CancellationToken cancellationToken = default)
        where TAggregate : Aggregate, new()
    {
        var folded = await LoadAsync(stream, AggregateFold<TAggregate>.Instance, cancellationToken).ConfigureAwait(false);
        return folded.State;
    }

    /// <inheritdoc/>
    public async Task<CommandResult> ExecuteAsync<TState>(
        StreamName stream,
        Fold<TState> fold,
        Func<TState, IEnumerable<object>> decide,
        CommandContext? context = null,
        CancellationToken cancellationToken = default)
    {
        _ = stream.Value;
        ArgumentNullException.ThrowIfNull(fold);
        ArgumentNullException.ThrowIfNull(decide);
        context ??= CommandContext.New(serializer);
        var ids = context.NextIds(stream);
        var isOptimistic = cache is { Options.IsOptimistic: true };
        using var operation = Operation.Execute(stream);
        try
        {
            for (var attempt = 1; ; attempt++)
            {
                // A state of its own each time: deciding may have changed a mutable one in place, as an aggregate does.
                var loaded = await LoadAsync(stream, fold, isOptimistic, cancellationToken).ConfigureAwait(false);
                if (ids is not null
                    && loaded.Version != StreamVersion.None
                    && await runs.FindAsync(stream, ids, cancellationToken).ConfigureAwait(false) is { } earlier)
                {
                    return earlier;
                }

                object[] events;
                try
                {
                    events = Decided(decide, loaded.State);
                }
                catch (Exception) when (!loaded.IsChecked)
                {
                    events = [];
                }

                if (events.Length == 0 && !loaded.IsChecked)
                {
                    // No append will find out whether the state was the latest: decide again on one that is.
                    loaded = await LoadAsync(stream, fold, isOptimistic: false, cancellationToken).ConfigureAwait(false);
                    if (ids is not null && await runs.FindAsync(stream, ids, cancellationToken).ConfigureAwait(false) is { } meanwhile)
                    {
                        return meanwhile;
                    }

                    events = Decided(decide, loaded.State);
                }

                if (events.Length == 0)
                {
                    return new CommandResult(loaded.Position, [new StreamAppendResult(stream, loaded.Version)], []);
                }

                try
                {
                    var written = await serializer.SerializeAllAsync(events, context.ToMetadata(), ids, cancellationToken).ConfigureAwait(false);
                    var part = new StreamAppend(stream, ExpectedVersion.At(loaded.Version), written);
                    var appended = await store.AppendAsync(new AppendRequest(part), cancellationToken).ConfigureAwait(false);
                    if (ids is not null && appended.AlreadyStored)
                    {
                        // By a rival under the same ids, which may have decided otherwise: what is stored counts.
                        return (await runs.FindAsync(stream, ids, cancellationToken).ConfigureAwait(false))!;
                    }

                    loader.Appended(stream, fold, loaded.Known, written, appended.Streams[0].Version, appended.Position);
                    return new CommandResult(appended.Position, appended.Streams, events);
                }
                catch (ConcurrencyConflictException) when (attempt < retry.MaxAttempts || ids is not null)
                {
                    if (ids is not null && await runs.FindAsync(stream, ids, cancellationToken).ConfigureAwait(false) is { } rival)
                    {
                        return rival;
                    }

                    if (attempt >= retry.MaxAttempts)
                    {
                        throw;
                    }

                    Operation.Retries(operation, stream, attempt);

                    // A state that was not checked may just have been old, which is no sign of rivals.
                    if (loaded.IsChecked)
                    {
                        await Task.Delay(retry.DelayAfter(attempt), time, cancellationToken).ConfigureAwait(false);
                    }

                    isOptimistic = false;
                }
            }
        }
        catch (Exception failure) when (operation?.Failed(failure) is true)
        {
            throw;
        }
    }

    /// <inheritdoc/>
    public Task<CommandResult> DecideAsync(
        IReadOnlyList<DecisionProjection> projections,
        Func<DecisionState, IEnumerable<object>> decide,
        CommandContext? context = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(projections);
        ArgumentNullException.ThrowIfNull(decide);
        return decisions.RunAsync(new DecisionModel(projections, serializer), decide, context ?? CommandContext.New(serializer), cancellationToken);
    }

    /// <inheritdoc/>
    public async Task<CommandResult> SaveAsync(
        IReadOnlyList<Aggregate> aggregates, CommandContext? context = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(aggregates);
        if (aggregates.Contains(null!))
        {
            throw new ArgumentException("An aggregate to save is null.", nameof(aggregates));
        }

        var events = aggregates.SelectMany(aggregate => aggregate.UncommittedEvents).ToArray();
        context ??= CommandContext.New(serializer);
        Func<int, Guid>[]? ids = context.IsRepeatable ? [.. aggregates.Select(aggregate => context.NextIds(aggregate.Stream)!)] : null;
        if (ids is not null && await EarlierAsync(aggregates, ids, cancellationToken).ConfigureAwait(false) is { } before)
        {
            return before;
        }

        if (events.Length == 0)
        {
            return new CommandResult(
                LogPosition.Start, [.. aggregates.Select(aggregate => new StreamAppendResult(aggregate.Stream, aggregate.Version))], []);
        }

        using var operation = Operation.Execute(aggregates[0].Stream);
        try
        {
            var metadata = context.ToMetadata();
            var parts = new StreamAppend[aggregates.Count];
            for (var i = 0; i < parts.Length; i++)
            {
                var written = await serializer.SerializeAllAsync(aggregates[i].UncommittedEvents, metadata, ids?[i], cancellationToken).ConfigureAwait(false);
                parts[i] = new StreamAppend(aggregates[i].Stream, ExpectedVersion.At(aggregates[i].Version), written);
            }

            AppendResult appended;
            try
            {
                appended = await store.AppendAsync(new AppendRequest(parts), cancellationToken).ConfigureAwait(false);
            }
            catch (ConcurrencyConflictException) when (ids is not null)
            {
                if (await EarlierAsync(aggregates, ids, cancellationToken).ConfigureAwait(false) is { } rival)
                {
                    return rival;
                }

                throw;
            }

            if (ids is not null && appended.AlreadyStored)
            {
                return (await EarlierAsync(aggregates, ids, cancellationToken).ConfigureAwait(false))!;
            }

            for (var i = 0; i < aggregates.Count; i++)
            {
                aggregates[i].MoveTo(appended.Streams[i].Version);
            }

            return new CommandResult(appended.Position, appended.Streams, events);
        }
        catch (Exception failure) when (operation?.Failed(failure) is true)
        {
            throw;
        }
    }

    /// <summary>What an earlier run has saved; the aggregates of this run then have nothing to save any more.</summary>
    private async Task<CommandResult?> EarlierAsync(
        IReadOnlyList<Aggregate> aggregates, Func<int, Guid>[] ids, CancellationToken cancellationToken)
    {
        var earlier = await runs.FindAsync(aggregates, ids, cancellationToken).ConfigureAwait(false);
        foreach (var aggregate in earlier is null ? [] : aggregates)
        {
            aggregate.MoveTo(aggregate.Version);
        }

        return earlier;
    }

    private async Task<Loaded<TState>> LoadAsync<TState>(
        StreamName stream, Fold<TState> fold, bool isOptimistic, CancellationToken cancellationToken)
    {
        var loaded = await loader.LoadAsync(stream, fold, isOptimistic, cancellationToken).ConfigureAwait(false);
        if (loaded.State is Aggregate aggregate)
        {
            aggregate.Stream = stream;
            aggregate.MoveTo(loaded.Version);
        }

        return loaded;
    }

    private static object[] Decided<TState>(Func<TState, IEnumerable<object>> decide, TState state) => DecisionLoop.Events(decide(state));
}
