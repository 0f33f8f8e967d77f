using Microsoft.Extensions.DependencyInjection;

namespace EventSourcing;

internal sealed class CommandDispatcher(IServiceScopeFactory scopes, EventSerializer serializer) : ICommandDispatcher
{
    public async Task<CommandResult> DispatchAsync<TCommand>(
        TCommand command, CommandContext? context = null, CancellationToken cancellationToken = default)
        where TCommand : notnull
    {
        ArgumentNullException.ThrowIfNull(command);
        context ??= CommandContext.New(serializer);

        // A handler that hands its context on goes on counting: what it sends is no repetition of what it has done.
        context = context with { Steps = context.Steps.IsCounting ? context.Steps : new CommandSteps() };
        using var operation = Operation.Command<TCommand>(context);
        try
        {
            var scope = scopes.CreateAsyncScope();
            await using (scope.ConfigureAwait(false))
            {
                var handler = scope.ServiceProvider.GetService<ICommandHandler<TCommand>>()
                    ?? throw new InvalidOperationException(
                        $"No handler is registered for {typeof(TCommand).FullName}; add AddCommandHandler<{typeof(TCommand).Name}, …>().");
                return await handler.HandleAsync(command, context, cancellationToken).ConfigureAwait(false);
            }
        }
        catch (Exception failure) when (operation?.Failed(failure) is true)
        {
            throw;
        }
    }
}
