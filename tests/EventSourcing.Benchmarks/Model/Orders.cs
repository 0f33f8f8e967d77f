namespace EventSourcing.Benchmarks;

/// <summary>The model that the typed scenarios load and decide on: a payload of 150 bytes for each event.</summary>
internal static class Orders
{
    public const string EventType = "line-added";

    public static EventSerializer Serializer { get; } = new(new EventTypeRegistry().Add<LineAdded>());

    public static Fold<OrderState> Fold { get; } = new(() => new OrderState(0, 0), Evolve);

    /// <summary>The n-th event of a stream, from 1.</summary>
    public static LineAdded Line(long n) => new(n, "C-17850", new string('x', Note - n.ToString(System.Globalization.CultureInfo.InvariantCulture).Length));

    public static OrderState Evolve(OrderState state, object @event) =>
        @event is LineAdded line ? new OrderState(state.Lines + 1, state.Total + line.Quantity) : state;

    /// <summary>The state after n events.</summary>
    public static OrderState After(long n) => new(n, n * (n + 1) / 2);

    // With everything else in the payload it comes to 150 bytes.
    private const int Note = 106;
}

/// <summary>The event.</summary>
[EventType(Orders.EventType)]
internal sealed record LineAdded(long Quantity, string Customer, string Note);

/// <summary>The state.</summary>
internal readonly record struct OrderState(long Lines, long Total);
