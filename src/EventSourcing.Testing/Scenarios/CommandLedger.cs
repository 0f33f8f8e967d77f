namespace EventSourcing.Testing;

/// <summary>Writes down the commands that a reactor sends. They are taken, unless somebody else is to answer them.</summary>
internal sealed class CommandLedger(ICommandDispatcher? answers) : ICommandDispatcher
{
    private readonly List<(object Command, string Id)> sent = [];

    public IReadOnlyList<(object Command, string Id)> TakeSent()
    {
        (object, string)[] all = [.. sent];
        sent.Clear();
        return all;
    }

    public Task<CommandResult> DispatchAsync<TCommand>(TCommand command, CommandContext? context = null, CancellationToken cancellationToken = default)
        where TCommand : notnull
    {
        sent.Add((command, context!.CommandId));
        return answers?.DispatchAsync(command, context, cancellationToken) ?? Task.FromResult(new CommandResult(LogPosition.Start, [], []));
    }
}
