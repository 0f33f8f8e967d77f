using System.Collections.Concurrent;

namespace EventSourcing.Conformance;

[EventType("shop-ordered")]
internal sealed record Ordered(int Number);

[EventType("shop-paid")]
internal sealed record Paid(int Number);

[EventType("shop-reminder")]
internal sealed record Reminder(int Number);

/// <summary>One run of a handler.</summary>
internal sealed record Effect(string What, int Number, string Key, Guid Id, string Stream, LogPosition Position);

/// <summary>A reactor whose effects are written down: handed to it, so that several objects and processes write to one list.</summary>
internal sealed class Shop : Reactor
{
    private readonly int shards;

    public Shop(
        ConcurrentQueue<Effect> effects,
        LogPosition? startAfter = null,
        bool startsNow = false,
        int shards = 1,
        Func<Ordered, ReactorContext, Task>? onOrdered = null,
        Func<Reminder, ReactorContext, Task>? onReminder = null,
        Action<Paid, ReactorContext>? onPaid = null)
        : base("Shop: mails", startsNow ? null : startAfter ?? LogPosition.Start)
    {
        ArgumentNullException.ThrowIfNull(effects);
        this.shards = shards;
        On<Ordered>(async (ordered, context) =>
        {
            effects.Enqueue(EffectOf("ordered", ordered.Number, context));
            await (onOrdered?.Invoke(ordered, context) ?? Task.CompletedTask);
        });
        On<Paid>((paid, context) =>
        {
            onPaid?.Invoke(paid, context);
            return Task.CompletedTask;
        });
        OnMessage<Reminder>(async (reminder, context) =>
        {
            effects.Enqueue(EffectOf("reminder", reminder.Number, context));
            await (onReminder?.Invoke(reminder, context) ?? Task.CompletedTask);
        });
    }

    public override int Shards => shards;

    private static Effect EffectOf(string what, int number, ReactorContext context) =>
        new(what, number, context.IdempotencyKey, context.IdempotencyId, context.Envelope.Stream.Value, context.Envelope.Position);
}

/// <summary>Takes commands and writes them down with their contexts.</summary>
internal sealed class CommandLedger : ICommandDispatcher
{
    private readonly ConcurrentQueue<(object Command, CommandContext Context)> sent = new();

    public IReadOnlyList<(object Command, CommandContext Context)> Sent => [.. sent];

    public Task<CommandResult> DispatchAsync<TCommand>(TCommand command, CommandContext? context = null, CancellationToken cancellationToken = default)
        where TCommand : notnull
    {
        sent.Enqueue((command, context!));
        return Task.FromResult(new CommandResult(LogPosition.Start, [], []));
    }
}
