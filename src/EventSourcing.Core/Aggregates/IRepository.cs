namespace EventSourcing;

/// <summary>
/// Loads, decides and appends: one engine under the three ways of modelling (a lambda over a folded state, a
/// <see cref="Decider{TCommand,TState,TEvent}"/>, an <see cref="Aggregate"/>), which <see cref="RepositoryExtensions"/> offers.
/// </summary>
public interface IRepository
{
    /// <summary>Folds a stream.</summary>
    /// <typeparam name="TState">The state.</typeparam>
    /// <param name="stream">The stream; one that does not exist gives the initial state at version 0.</param>
    /// <param name="fold">How events become the state.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <returns>The state and the stream's version.</returns>
    /// <exception cref="UnknownEventTypeException">The stream holds an event of an unregistered type.</exception>
    /// <exception cref="EventSerializationException">An event's payload cannot be read.</exception>
    /// <exception cref="DamagedDataException">A version of the stream is missing, so that its state would be wrong.</exception>
    /// <exception cref="StreamClosedException">The stream is deleted.</exception>
    /// <exception cref="StreamTruncatedException">The stream was truncated, and no snapshot that fits stands in for its first events.</exception>
    /// <exception cref="EventStoreUnavailableException">The store cannot be reached.</exception>
    Task<FoldedState<TState>> LoadAsync<TState>(StreamName stream, Fold<TState> fold, CancellationToken cancellationToken = default);

    /// <summary>
    /// Folds a stream, decides, and appends what was decided at the version that was folded; on a conflict does it
    /// again with what is new, a bounded number of times. No events decided means nothing written.
    /// </summary>
    /// <typeparam name="TState">The state.</typeparam>
    /// <param name="stream">The stream.</param>
    /// <param name="fold">How events become the state.</param>
    /// <param name="decide">Gives the events that follow from the state; may run several times, so it has no effects.</param>
    /// <param name="context">The command's id and its correlation, and whether it may come again; new ones by default.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <returns>The events written, and where; those of the first run, where a repeatable command has come again.</returns>
    /// <exception cref="ConcurrencyConflictException">Every attempt met a conflict.</exception>
    /// <exception cref="UnknownEventTypeException">The stream holds an event of an unregistered type.</exception>
    /// <exception cref="EventSerializationException">A stored event cannot be read, or a new one not be written.</exception>
    /// <exception cref="DamagedDataException">A version of the stream is missing.</exception>
    /// <exception cref="StreamClosedException">The stream is deleted.</exception>
    /// <exception cref="StreamTruncatedException">The stream was truncated, and no snapshot that fits stands in for its first events.</exception>
    /// <exception cref="InvalidOperationException">The class of an event is not registered, or the decision is null.</exception>
    /// <exception cref="ArgumentException">The context holds what metadata cannot, or an event is larger than the store takes.</exception>
    /// <exception cref="EventStoreUnavailableException">The store cannot be reached. Nothing is written.</exception>
    /// <exception cref="AppendOutcomeUnknownException">The answer was lost on its way.</exception>
    Task<CommandResult> ExecuteAsync<TState>(
        StreamName stream,
        Fold<TState> fold,
        Func<TState, IEnumerable<object>> decide,
        CommandContext? context = null,
        CancellationToken cancellationToken = default);

    /// <summary>Decides by events of any streams, and appends what follows unless a further event that concerns the decision has been stored:
    /// then it decides again. The way to keep a rule that no single stream can keep.</summary>
    /// <remarks>
    /// The projections are read together, at one point of the log. What is decided stands in a new stream of its own, <c>decision-…</c>;
    /// it is found by its tags. Decisions that do not concern the same events do not wait for each other.
    /// </remarks>
    /// <param name="projections">What the decision has to know; they are what must not change meanwhile.</param>
    /// <param name="decide">Which events follow: none where nothing is to happen; throws to refuse. Pure: it may run several times.</param>
    /// <param name="context">The command's id and its correlation; new ones by default.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <returns>The events written, and where.</returns>
    /// <exception cref="ConcurrencyConflictException">Every attempt met a conflict.</exception>
    /// <exception cref="UnknownEventTypeException">An event that was read is of an unregistered type.</exception>
    /// <exception cref="EventSerializationException">A stored event cannot be read, or a new one not be written.</exception>
    /// <exception cref="InvalidOperationException">The class of an event is not registered, a projection concerns none, or the decision is null.</exception>
    /// <exception cref="ArgumentException">There is no projection, or one twice; the context holds what metadata cannot, or an event is
    /// larger than the store takes.</exception>
    /// <exception cref="EventStoreUnavailableException">The store cannot be reached. Nothing is written.</exception>
    /// <exception cref="AppendOutcomeUnknownException">The answer was lost on its way.</exception>
    Task<CommandResult> DecideAsync(
        IReadOnlyList<DecisionProjection> projections,
        Func<DecisionState, IEnumerable<object>> decide,
        CommandContext? context = null,
        CancellationToken cancellationToken = default);

    /// <summary>Loads an aggregate.</summary>
    /// <typeparam name="TAggregate">The aggregate's class.</typeparam>
    /// <param name="stream">The stream; one that does not exist gives a new aggregate at version 0.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <returns>The aggregate.</returns>
    /// <exception cref="UnknownEventTypeException">The stream holds an event of an unregistered type.</exception>
    /// <exception cref="EventSerializationException">An event's payload cannot be read.</exception>
    /// <exception cref="DamagedDataException">A version of the stream is missing, so that its state would be wrong.</exception>
    /// <exception cref="StreamClosedException">The stream is deleted.</exception>
    /// <exception cref="StreamTruncatedException">The stream was truncated, and no snapshot that fits stands in for its first events.</exception>
    /// <exception cref="EventStoreUnavailableException">The store cannot be reached.</exception>
    Task<TAggregate> LoadAsync<TAggregate>(StreamName stream, CancellationToken cancellationToken = default)
        where TAggregate : Aggregate, new();

    /// <summary>Appends the uncommitted events of one or several aggregates, all or nothing, each at the version it was loaded at.</summary>
    /// <remarks>
    /// An aggregate without uncommitted events is only checked: the append is refused when its stream has moved on.
    /// After success the aggregates stand at their new versions; after an error they are as before. Where the command is repeatable and
    /// an earlier run has saved, nothing is written, and the answer is what that run had; the aggregates are not what is stored then.
    /// </remarks>
    /// <param name="aggregates">The aggregates, in the order in which their events are to stand in the log.</param>
    /// <param name="context">The command's id and its correlation; new ones by default.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <returns>The events written, and where.</returns>
    /// <exception cref="ConcurrencyConflictException">A stream has moved on; not retried here, because only the caller can decide again.</exception>
    /// <exception cref="ArgumentException">An aggregate is null or has no stream, or the context holds what metadata cannot.</exception>
    /// <exception cref="EventSerializationException">An event cannot be written.</exception>
    /// <exception cref="EventStoreUnavailableException">The store cannot be reached. Nothing is written.</exception>
    /// <exception cref="AppendOutcomeUnknownException">The answer was lost on its way.</exception>
    Task<CommandResult> SaveAsync(
        IReadOnlyList<Aggregate> aggregates, CommandContext? context = null, CancellationToken cancellationToken = default);
}
