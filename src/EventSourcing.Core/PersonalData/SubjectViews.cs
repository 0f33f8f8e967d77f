namespace EventSourcing;

/// <summary>A read model as those see it who look for a subject's data.</summary>
internal abstract class SubjectViews
{
    public abstract string Name { get; }

    /// <summary>The keys that an event leads to.</summary>
    /// <exception cref="EventHandlingException">The projection cannot tell.</exception>
    public abstract IEnumerable<string> KeysOf(EventEnvelope envelope);

    public abstract Task<bool> ExistsAsync(string key, CancellationToken cancellationToken);

    public static bool Handles(IReadOnlyCollection<Type> eventTypes, IReadOnlyCollection<string> categories, EventEnvelope envelope) =>
        (categories.Count == 0 || categories.Contains(envelope.Stream.Category, StringComparer.Ordinal))
        && (eventTypes.Count == 0 || eventTypes.Any(type => type.IsInstanceOfType(envelope.Event)));
}
