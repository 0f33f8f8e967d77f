using EventSourcing;

namespace BoxOffice.Seats;

/// <summary>Brings any command to the seat that it is for.</summary>
/// <typeparam name="TCommand">The command.</typeparam>
public sealed class SeatHandler<TCommand>(IRepository repository) : ICommandHandler<TCommand>
    where TCommand : SeatCommand
{
    /// <inheritdoc/>
    public Task<CommandResult> HandleAsync(TCommand command, CommandContext context, CancellationToken cancellationToken = default) =>
        repository.ExecuteAsync(command.Seat.Stream, Seat.Decider, command, context, cancellationToken);
}
