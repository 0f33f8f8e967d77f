namespace EventSourcing;

/// <summary>Brings a command to its handler.</summary>
public interface ICommandDispatcher
{
    /// <summary>Runs the one handler registered for <typeparamref name="TCommand"/>, in a service scope of its own.</summary>
    /// <typeparam name="TCommand">The command; the handler is chosen by this type, not by the instance's.</typeparam>
    /// <param name="command">The command.</param>
    /// <param name="context">Its id and its correlation; new ones by default.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <returns>What the command came to.</returns>
    /// <exception cref="InvalidOperationException">No handler is registered for the type.</exception>
    Task<CommandResult> DispatchAsync<TCommand>(
        TCommand command, CommandContext? context = null, CancellationToken cancellationToken = default)
        where TCommand : notnull;
}
