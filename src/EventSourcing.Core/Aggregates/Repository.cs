using System.Diagnostics;

namespace EventSourcing;

/// <summary>The one engine for loading, deciding and appending; see <see cref="IRepository"/>.</summary>
public sealed class Repository : IRepository
{
    private readonly IEventStore store;
    private readonly EventSerializer serializer;
    private readonly ConflictRetryOptions retry;
    private readonly TimeProvider time;

    /// <summary>Makes a repository; in an application with a container, ask for <see cref="IRepository"/> instead.</summary>
    /// <param name="store">Where events are kept.</param>
    /// <param name="serializer">Turns events into bytes and back.</param>
    /// <param name="retry">How often and how soon to decide again after a conflict.</param>
    /// <param name="time">The clock for the pause between attempts; the system's by default.</param>
    public Repository(IEventStore store, EventSerializer serializer, ConflictRetryOptions? retry = null, TimeProvider? time = null)
    {
        ArgumentNullException.ThrowIfNull(store);
        ArgumentNullException.ThrowIfNull(serializer);
        this.store = store;
        this.serializer = serializer;
        this.retry = retry ?? new ConflictRetryOptions();
        this.time = time ?? TimeProvider.System;
    }

    /// <inheritdoc/>
    public async Task<FoldedState<TState>> LoadAsync<TState>(
        StreamName stream, Fold<TState> fold, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(fold);
        var state = fold.Initial();
        var version = StreamVersion.None;
        var position = LogPosition.Start;
        await store
            .ReplayAsync(
                stream,
                StreamVersion.None,
                replayed =>
                {
                    state = fold.Evolve(state, serializer.Deserialize(replayed));
                    version = replayed.Version;
                    position = replayed.Position;
                },
                cancellationToken)
            .ConfigureAwait(false);

        if (state is Aggregate aggregate)
        {
            aggregate.Stream = stream;
            aggregate.MoveTo(version);
        }

        return new FoldedState<TState>(state, version, position);
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
        ArgumentNullException.ThrowIfNull(decide);
        context ??= new CommandContext();
        for (var attempt = 1; ; attempt++)
        {
            // From the start each time: deciding may have changed a mutable state in place, as an aggregate does.
            var folded = await LoadAsync(stream, fold, cancellationToken).ConfigureAwait(false);
            var events = decide(folded.State).ToArray();
            if (events.Length == 0)
            {
                return new CommandResult(folded.Position, [new StreamAppendResult(stream, folded.Version)], []);
            }

            try
            {
                var part = new StreamAppend(
                    stream, ExpectedVersion.At(folded.Version), serializer.SerializeAll(events, MetadataOf(context)));
                var appended = await store.AppendAsync(new AppendRequest(part), cancellationToken).ConfigureAwait(false);
                return new CommandResult(appended.Position, appended.Streams, events);
            }
            catch (ConcurrencyConflictException) when (attempt < retry.MaxAttempts)
            {
                await Task.Delay(retry.DelayAfter(attempt), time, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    /// <inheritdoc/>
    public async Task<CommandResult> SaveAsync(
        IReadOnlyList<Aggregate> aggregates, CommandContext? context = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(aggregates);
        var events = aggregates.SelectMany(aggregate => aggregate.UncommittedEvents).ToArray();
        if (events.Length == 0)
        {
            return new CommandResult(
                LogPosition.Start, [.. aggregates.Select(aggregate => new StreamAppendResult(aggregate.Stream, aggregate.Version))], []);
        }

        var metadata = MetadataOf(context ?? new CommandContext());
        var parts = aggregates
            .Select(aggregate => new StreamAppend(
                aggregate.Stream,
                ExpectedVersion.At(aggregate.Version),
                serializer.SerializeAll(aggregate.UncommittedEvents, metadata)))
            .ToArray();
        var appended = await store.AppendAsync(new AppendRequest(parts), cancellationToken).ConfigureAwait(false);
        for (var i = 0; i < aggregates.Count; i++)
        {
            aggregates[i].MoveTo(appended.Streams[i].Version);
        }

        return new CommandResult(appended.Position, appended.Streams, events);
    }

    private static EventMetadata MetadataOf(CommandContext context) => new()
    {
        CommandId = context.CommandId,
        CorrelationId = context.CorrelationId ?? context.CommandId,
        CausationId = context.CausationId ?? context.CommandId,
        Actor = context.Actor,
        TraceParent = Activity.Current is { IdFormat: ActivityIdFormat.W3C } activity ? activity.Id : null,
        Custom = context.Custom,
    };
}
