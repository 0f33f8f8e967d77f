namespace EventSourcing;

/// <summary>Handles one type of command, usually by one call of <see cref="IRepository"/>.</summary>
/// <typeparam name="TCommand">The command.</typeparam>
public interface ICommandHandler<in TCommand>
{
    /// <summary>Handles the command. Conflicts are retried in the repository, not here.</summary>
    /// <param name="command">The command.</param>
    /// <param name="context">Its id and its correlation, to be handed to the repository.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <returns>What the command came to.</returns>
    Task<CommandResult> HandleAsync(TCommand command, CommandContext context, CancellationToken cancellationToken = default);
}
