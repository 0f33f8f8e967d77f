namespace EventSourcing.Testing;

[EventType("placed")]
internal sealed record Placed(string Customer, decimal Total);

[EventType("paid")]
internal sealed record Paid;

[EventType("cancelled")]
internal sealed record Cancelled(string Reason);

[EventType("overdue")]
internal sealed record Overdue(string Order);

internal sealed record PlaceOrder(string Order, string Customer, decimal Total);

internal sealed record CancelOrder(string Order, string Reason);

internal sealed record CustomerView(int Orders, decimal Turnover);

/// <summary>What there is to test.</summary>
internal sealed class Order : Aggregate
{
    private bool isOpen;

    public void Place(string customer, decimal total)
    {
        if (isOpen)
        {
            throw new InvalidOperationException("It is placed already.");
        }

        Raise(new Placed(customer, total));
    }

    public void Cancel(string reason)
    {
        if (isOpen)
        {
            Raise(new Cancelled(reason));
        }
    }

    protected override void Apply(object @event) => isOpen = @event is Placed;
}

internal sealed class OrderHandler(IRepository repository) : ICommandHandler<PlaceOrder>, ICommandHandler<CancelOrder>
{
    public Task<CommandResult> HandleAsync(PlaceOrder command, CommandContext context, CancellationToken cancellationToken = default) =>
        repository.ExecuteAsync<Order>(command.Order, order => order.Place(command.Customer, command.Total), context, cancellationToken);

    public Task<CommandResult> HandleAsync(CancelOrder command, CommandContext context, CancellationToken cancellationToken = default) =>
        repository.ExecuteAsync<Order>(command.Order, order => order.Cancel(command.Reason), context, cancellationToken);
}

internal sealed class Customers : ViewProjection<CustomerView>
{
    public Customers()
        : base("customers")
    {
        On<Placed>((placed, _) => placed.Customer, (customer, placed, _) =>
            new CustomerView((customer?.Orders ?? 0) + 1, (customer?.Turnover ?? 0) + placed.Total));
    }
}

/// <summary>Reminds of what is not paid, and cancels it then.</summary>
internal sealed class Reminders : Reactor
{
    public Reminders()
        : base("reminders")
    {
        On<Placed>((_, context) =>
        {
            context.Schedule(new Overdue(context.Envelope.Stream.Value), TimeSpan.FromDays(14), Key(context));
            return Task.CompletedTask;
        });
        On<Paid>((_, context) =>
        {
            context.Cancel(Key(context));
            return Task.CompletedTask;
        });
        OnMessage<Overdue>((overdue, context) => context.SendAsync(new CancelOrder(overdue.Order, "not paid")));
    }

    public override IReadOnlyCollection<string> Categories => ["order"];

    private static string Key(ReactorContext context) => $"pay {context.Envelope.Stream}";
}

internal sealed record PlacedMessage(string Customer);

internal sealed class OrderMessages : MessageTranslator
{
    public OrderMessages()
        : base("order-messages") => On<Placed>((placed, envelope) => placed.Total == 0
            ? null
            : Message(envelope, "shop.placed", "placed.v1", new PlacedMessage(placed.Customer)));

    public override IReadOnlyCollection<string> Categories => ["order"];
}
