namespace EventSourcing;

/// <summary>One thing that a decision has to know: where it starts, which events concern it, and what each changes. It never changes
/// itself, so that one may serve many decisions.</summary>
/// <typeparam name="TState">What it knows.</typeparam>
public sealed class DecisionProjection<TState> : DecisionProjection
{
    private readonly TState start;
    private readonly IReadOnlyList<(Type Type, Func<TState, object, TState> Evolve)> handlers;

    /// <summary>Begins a projection, to be followed by <see cref="On{TEvent}"/>.</summary>
    /// <param name="start">What holds before the first event. Every attempt starts from this very object, so let it not be one that is
    /// changed in place.</param>
    /// <param name="tags">The tags that all of its events have; none where only the classes count, which reads the whole log for them.</param>
    /// <exception cref="ArgumentException">A tag is <c>default</c>, or there are more than <see cref="Tag.MaxCount"/>.</exception>
    public DecisionProjection(TState start, params IReadOnlyList<Tag> tags)
        : this(start, Tag.Distinct(tags ?? throw new ArgumentNullException(nameof(tags)), nameof(tags)), isLatestOnly: false, [])
    {
    }

    private DecisionProjection(
        TState start, IReadOnlyList<Tag> tags, bool isLatestOnly, IReadOnlyList<(Type Type, Func<TState, object, TState> Evolve)> handlers)
        : base(tags, isLatestOnly) => (this.start, this.handlers) = (start, handlers);

    /// <inheritdoc/>
    public override IReadOnlyCollection<Type> EventTypes => [.. handlers.Select(handler => handler.Type)];

    internal override object? Start => start;

    /// <summary>Adds a class of events that concern it.</summary>
    /// <typeparam name="TEvent">The event's class, or a base or interface of several.</typeparam>
    /// <param name="evolve">What holds after the event: a new state. Pure.</param>
    /// <returns>A projection with this handler; this one stays as it is.</returns>
    /// <exception cref="InvalidOperationException">The class has a handler already.</exception>
    public DecisionProjection<TState> On<TEvent>(Func<TState, TEvent, TState> evolve)
        where TEvent : notnull
    {
        ArgumentNullException.ThrowIfNull(evolve);
        return EventTypes.Contains(typeof(TEvent))
            ? throw new InvalidOperationException($"{typeof(TEvent).FullName} has a handler already.")
            : new DecisionProjection<TState>(start, Tags, IsLatestOnly, [.. handlers, (typeof(TEvent), (state, @event) => evolve(state, (TEvent)@event))]);
    }

    /// <summary>Has it read the latest of its events alone, for what each event tells whole: the last number given, for instance.</summary>
    /// <remarks>The latest that is stored: where upcasters make none of it, the projection knows no more than at its start.</remarks>
    /// <returns>Such a projection; this one stays as it is.</returns>
    public DecisionProjection<TState> LatestOnly() => new(start, Tags, isLatestOnly: true, handlers);

    internal override object? Evolve(object? state, object @event)
    {
        var type = @event.GetType();
        var handler = handlers.FirstOrDefault(handler => handler.Type == type).Evolve
            ?? handlers.FirstOrDefault(handler => handler.Type.IsAssignableFrom(type)).Evolve;
        return handler is null ? state : handler((TState)state!, @event);
    }
}
