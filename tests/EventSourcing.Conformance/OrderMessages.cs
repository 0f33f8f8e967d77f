using System.Collections.Concurrent;

namespace EventSourcing.Conformance;

/// <summary>What others are told of a placed order: not the event, a record of its own.</summary>
internal sealed record OrderPlacedMessage(string Buyer, decimal Sum);

/// <summary>Tells of placed orders, of payments that are not zero, and of each greeting.</summary>
internal sealed class OrderMessages : MessageTranslator
{
    private readonly int shards;

    public OrderMessages(string name = "order-messages", LogPosition? startAfter = null, int shards = 1, Action<EventEnvelope>? before = null)
        : base(name, startAfter)
    {
        this.shards = shards;
        On<OrderPlaced>((placed, envelope) =>
        {
            before?.Invoke(envelope);
            return Message(envelope, "shop.order.placed", "order-placed.v1", new OrderPlacedMessage(placed.Customer, placed.Total));
        });
        On<OrderPaid>((paid, envelope) => paid.Amount == 0 ? null : Message(envelope, "shop.order.paid", "order-paid.v1", paid.Amount));
        OnEach<CustomersGreeted>((greeted, envelope) => greeted.Customers.Select(customer =>
            Message(envelope, "shop.customer.greeted", "customer-greeted.v1", customer) with
            {
                Key = customer,
                CausationId = "greeting",
                CorrelationId = "greetings",
                OccurredAt = new DateTimeOffset(2026, 3, 4, 5, 6, 7, TimeSpan.FromHours(2)).AddTicks(1_234_567),
                Headers = new Dictionary<string, string> { ["tenant"] = "grün \"1\"", ["empty"] = "" },
            }));
    }

    public override int Shards => shards;
}

/// <summary>A broker that remembers, and fails where it is told to.</summary>
internal sealed class RecordingPublisher : IMessagePublisher
{
    private readonly ConcurrentQueue<PublicMessage> taken = new();

    /// <summary>What was taken over, in order.</summary>
    public IReadOnlyList<PublicMessage> Taken => [.. taken];

    /// <summary>Runs before anything is taken.</summary>
    public Func<IReadOnlyList<PublicMessage>, Task>? Before { get; set; }

    /// <summary>Runs when everything has been taken, and before that is said.</summary>
    public Func<IReadOnlyList<PublicMessage>, Task>? After { get; set; }

    /// <summary>A message that is refused; those before it are taken.</summary>
    public Predicate<PublicMessage>? Refuse { get; set; }

    public async Task PublishAsync(IReadOnlyList<PublicMessage> messages, CancellationToken cancellationToken = default)
    {
        if (Before is { } before)
        {
            await before(messages);
        }

        foreach (var message in messages)
        {
            if (Refuse?.Invoke(message) == true)
            {
                throw new MessagePublishingException($"No queue takes '{message.Topic}'.", message.Id);
            }

            taken.Enqueue(message);
        }

        if (After is { } after)
        {
            await after(messages);
        }
    }
}
