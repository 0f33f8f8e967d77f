using System.Collections.Concurrent;

namespace EventSourcing.Tenants;

[EventType("ordered")]
public sealed record Ordered([property: Tag("item")] string Item);

[EventType("poisoned")]
public sealed record Poisoned;

[EventType("reminder")]
public sealed record Reminder(string Item);

public sealed record OrderView(string Tenant, int Events);

public sealed class Order : Aggregate
{
    private int count;

    public int Count => count;

    protected override SnapshotPolicy? Snapshots { get; } = SnapshotPolicy.Of<Order, int>("order", 1, every: 2, order => order.count, count => new Order { count = count });

    public void Add(string item) => Raise(new Ordered(item));

    protected override void Apply(object @event) => count++;
}

/// <summary>What the handlers of all tenants have done, by tenant.</summary>
public sealed class Ledger
{
    public ConcurrentQueue<(string Tenant, string What)> Done { get; } = new();

    public IEnumerable<string> Of(string tenant, string kind) =>
        Done.Where(done => done.Tenant == tenant && done.What.StartsWith(kind + " ", StringComparison.Ordinal)).Select(done => done.What[(kind.Length + 1)..]);
}

/// <summary>One view for each order, which also tells whose handler has made it.</summary>
public sealed class Orders : ViewProjection<OrderView>
{
    public Orders(TenantName tenant, Ledger ledger)
        : base("orders")
    {
        On<Ordered>((view, ordered, context) =>
        {
            ledger.Done.Enqueue((tenant.Value, $"fold {context.Envelope.Stream}"));
            return new OrderView(tenant.Value, (view?.Events ?? 0) + 1);
        });
        On<Poisoned>((_, _, _) => throw new InvalidOperationException("Poison."));
    }
}

/// <summary>A reactor with an effect and a message for later.</summary>
public sealed class Mails : Reactor
{
    public Mails(TenantName tenant, Ledger ledger)
        : base("mails", LogPosition.Start)
    {
        On<Ordered>((ordered, context) =>
        {
            ledger.Done.Enqueue((tenant.Value, $"mail {context.Envelope.Stream} {ordered.Item}"));
            context.Schedule(new Reminder(ordered.Item), TimeSpan.FromHours(1), key: context.Envelope.Stream.Value);
            return Task.CompletedTask;
        });
        OnMessage<Reminder>((_, _) => Task.CompletedTask);
    }
}

public sealed class OrderMessages : MessageTranslator
{
    public OrderMessages()
        : base("order-messages", LogPosition.Start) => On<Ordered>((ordered, envelope) =>
            Message(envelope, "orders", "ordered", ordered.Item));
}

/// <summary>A tenant's own way to a broker.</summary>
public sealed class Broker(TenantName tenant, Ledger ledger) : IMessagePublisher
{
    public Task PublishAsync(IReadOnlyList<PublicMessage> messages, CancellationToken cancellationToken = default)
    {
        foreach (var message in messages)
        {
            ledger.Done.Enqueue((tenant.Value, $"publish {System.Text.Encoding.UTF8.GetString(message.Body.Span).Trim('"')}"));
        }

        return Task.CompletedTask;
    }
}

public sealed record AddItem(string Order, string Item);

public sealed class AddItemHandler(IRepository repository, TenantName tenant, Ledger ledger) : ICommandHandler<AddItem>
{
    public async Task<CommandResult> HandleAsync(AddItem command, CommandContext context, CancellationToken cancellationToken)
    {
        ledger.Done.Enqueue((tenant.Value, $"command {command.Item}"));
        return await repository.ExecuteAsync<Order>(command.Order, order => order.Add(command.Item), context, cancellationToken);
    }
}
