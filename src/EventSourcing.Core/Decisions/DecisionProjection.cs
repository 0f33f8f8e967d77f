namespace EventSourcing;

/// <summary>One thing that a decision has to know, folded from the events that concern it, of whatever streams.</summary>
public abstract class DecisionProjection
{
    private protected DecisionProjection(IReadOnlyList<Tag> tags, bool isLatestOnly) => (Tags, IsLatestOnly) = (tags, isLatestOnly);

    /// <summary>The tags that all of the events have.</summary>
    public IReadOnlyList<Tag> Tags { get; }

    /// <summary>Whether only the latest of the events is read.</summary>
    public bool IsLatestOnly { get; }

    /// <summary>The classes of the events.</summary>
    public abstract IReadOnlyCollection<Type> EventTypes { get; }

    internal abstract object? Start { get; }

    internal abstract object? Evolve(object? state, object @event);

    /// <summary>The stored events that concern it.</summary>
    internal EventQueryItem Item(EventTypeRegistry types)
    {
        if (EventTypes.Count == 0)
        {
            throw new InvalidOperationException("A projection of a decision has no On<TEvent>(…): it would know nothing.");
        }

        var names = EventTypes.SelectMany(type => types.StoredNamesOf(type) is { Count: > 0 } known
            ? known
            : throw new InvalidOperationException($"{type.FullName} is no registered event, nor what registered ones have in common."));
        return new EventQueryItem { Types = [.. names], Tags = Tags, IsLatestOnly = IsLatestOnly };
    }
}
