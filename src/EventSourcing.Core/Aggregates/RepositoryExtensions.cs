namespace EventSourcing;

/// <summary>The three ways of modelling, on one engine.</summary>
public static class RepositoryExtensions
{
    /// <summary>Executes a lambda over a folded state; see <see cref="IRepository.ExecuteAsync{TState}"/>.</summary>
    /// <typeparam name="TState">The state; best an immutable value, because it is shared between attempts.</typeparam>
    /// <param name="repository">The repository.</param>
    /// <param name="stream">The stream.</param>
    /// <param name="initial">The state before the first event.</param>
    /// <param name="evolve">The state after an event.</param>
    /// <param name="decide">The events that follow from the state.</param>
    /// <param name="context">The command's id and its correlation.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <returns>The events written, and where.</returns>
    public static Task<CommandResult> ExecuteAsync<TState>(
        this IRepository repository,
        StreamName stream,
        TState initial,
        Func<TState, object, TState> evolve,
        Func<TState, IEnumerable<object>> decide,
        CommandContext? context = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(repository);
        ArgumentNullException.ThrowIfNull(evolve);
        return repository.ExecuteAsync(stream, new Fold<TState>(() => initial, evolve), decide, context, cancellationToken);
    }

    /// <summary>Executes a command of a decider; see <see cref="IRepository.ExecuteAsync{TState}"/>.</summary>
    /// <typeparam name="TCommand">The decider's commands.</typeparam>
    /// <typeparam name="TState">The decider's state.</typeparam>
    /// <typeparam name="TEvent">The decider's events.</typeparam>
    /// <param name="repository">The repository.</param>
    /// <param name="stream">The stream.</param>
    /// <param name="decider">The decider.</param>
    /// <param name="command">The command.</param>
    /// <param name="context">The command's id and its correlation.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <returns>The events written, and where.</returns>
    public static Task<CommandResult> ExecuteAsync<TCommand, TState, TEvent>(
        this IRepository repository,
        StreamName stream,
        Decider<TCommand, TState, TEvent> decider,
        TCommand command,
        CommandContext? context = null,
        CancellationToken cancellationToken = default)
        where TEvent : notnull
    {
        ArgumentNullException.ThrowIfNull(repository);
        ArgumentNullException.ThrowIfNull(decider);
        return repository.ExecuteAsync(
            stream, decider.Fold, state => decider.Decide(command, state).Cast<object>(), context, cancellationToken);
    }

    /// <summary>Executes a method of an aggregate; see <see cref="IRepository.ExecuteAsync{TState}"/>.</summary>
    /// <typeparam name="TAggregate">The aggregate's class.</typeparam>
    /// <param name="repository">The repository.</param>
    /// <param name="stream">The stream.</param>
    /// <param name="act">Calls the aggregate; runs again on a fresh one after a conflict.</param>
    /// <param name="context">The command's id and its correlation.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <returns>The events written, and where.</returns>
    public static Task<CommandResult> ExecuteAsync<TAggregate>(
        this IRepository repository,
        StreamName stream,
        Action<TAggregate> act,
        CommandContext? context = null,
        CancellationToken cancellationToken = default)
        where TAggregate : Aggregate, new()
    {
        ArgumentNullException.ThrowIfNull(repository);
        ArgumentNullException.ThrowIfNull(act);
        return repository.ExecuteAsync(
            stream,
            AggregateFold<TAggregate>.Instance,
            aggregate =>
            {
                act(aggregate);
                return aggregate.UncommittedEvents;
            },
            context,
            cancellationToken);
    }

    /// <summary>Appends the uncommitted events of one aggregate; see <see cref="IRepository.SaveAsync"/>.</summary>
    /// <param name="repository">The repository.</param>
    /// <param name="aggregate">The aggregate.</param>
    /// <param name="context">The command's id and its correlation.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <returns>The events written, and where.</returns>
    /// <exception cref="ConcurrencyConflictException">The stream has moved on since the aggregate was loaded.</exception>
    public static Task<CommandResult> SaveAsync(
        this IRepository repository,
        Aggregate aggregate,
        CommandContext? context = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(repository);
        ArgumentNullException.ThrowIfNull(aggregate);
        return repository.SaveAsync([aggregate], context, cancellationToken);
    }
}
