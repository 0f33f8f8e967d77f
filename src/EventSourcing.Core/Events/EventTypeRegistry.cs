using System.Diagnostics.CodeAnalysis;
using System.Reflection;

namespace EventSourcing;

/// <summary>Which stored name stands for which event class, one to one.</summary>
/// <remarks>Safe for use by any number of threads, also while types are added.</remarks>
public sealed class EventTypeRegistry
{
    private readonly Lock gate = new();

    // Replaced as a whole on each change, so that reading takes no lock.
    private volatile Names names = new([], []);

    /// <summary>How stored events of older names and classes are lifted.</summary>
    public EventUpcasters Upcasters { get; } = new();

    /// <summary>The registered classes.</summary>
    public IReadOnlyCollection<Type> Types => names.ByType.Keys;

    /// <summary>Registers an event class under the name of its <see cref="EventTypeAttribute"/>.</summary>
    /// <typeparam name="TEvent">The class.</typeparam>
    /// <returns>This registry.</returns>
    /// <exception cref="InvalidOperationException">The class has no such attribute, or its name or the class is taken.</exception>
    public EventTypeRegistry Add<TEvent>()
        where TEvent : notnull => Add(typeof(TEvent), ChosenName(typeof(TEvent)));

    /// <summary>Registers an event class under a name.</summary>
    /// <typeparam name="TEvent">The class.</typeparam>
    /// <param name="name">The name that is stored; it outlives the class's name.</param>
    /// <returns>This registry.</returns>
    /// <exception cref="ArgumentException">The name is empty, too long or not writable as UTF-8.</exception>
    /// <exception cref="InvalidOperationException">The name or the class is registered otherwise already.</exception>
    public EventTypeRegistry Add<TEvent>(string name)
        where TEvent : notnull => Add(typeof(TEvent), name);

    /// <summary>Registers every class of an assembly that carries an <see cref="EventTypeAttribute"/>.</summary>
    /// <param name="assembly">The assembly.</param>
    /// <returns>This registry.</returns>
    /// <exception cref="InvalidOperationException">No class carries the attribute, or a name is taken.</exception>
    [RequiresUnreferencedCode("Looks through all types of the assembly; in a trimmed application use Add<TEvent>().")]
    public EventTypeRegistry AddFrom(Assembly assembly)
    {
        ArgumentNullException.ThrowIfNull(assembly);
        var found = assembly.GetTypes().Where(type => type.IsDefined(typeof(EventTypeAttribute), inherit: false)).ToList();
        if (found.Count == 0)
        {
            throw new InvalidOperationException($"No type of {assembly.GetName().Name} carries [EventType(\"…\")].");
        }

        foreach (var type in found)
        {
            Add(type, ChosenName(type));
        }

        return this;
    }

    /// <summary>The stored name of an event class.</summary>
    /// <param name="type">The class.</param>
    /// <exception cref="InvalidOperationException">The class is not registered.</exception>
    public string NameOf(Type type)
    {
        ArgumentNullException.ThrowIfNull(type);
        return names.ByType.TryGetValue(type, out var name)
            ? name
            : throw new InvalidOperationException(
                $"Event type {type.FullName} is not registered. Put [EventType(\"a-name\")] on it and register it with AddEvent<{type.Name}>() or AddEventsFrom(assembly).");
    }

    /// <summary>The event class that a stored name stands for.</summary>
    /// <param name="name">The stored name.</param>
    /// <param name="type">The class, where the name is known.</param>
    /// <returns>Whether the name is known.</returns>
    public bool TryGetType(string name, [NotNullWhen(true)] out Type? type) => names.ByName.TryGetValue(name, out type);

    /// <summary>The stored names of events that are read as a class, one of its kind, or lifted to one.</summary>
    /// <param name="type">The class, or a base or interface of several.</param>
    /// <returns>The names; none where no such class is registered.</returns>
    public IReadOnlyCollection<string> StoredNamesOf(Type type)
    {
        ArgumentNullException.ThrowIfNull(type);
        var steps = Upcasters.Current;
        var wanted = names.ByType.Keys.Concat(steps.ByClass.Values.SelectMany(step => step.Into)).Where(type.IsAssignableFrom).ToHashSet();
        while (steps.ByClass.Any(step => step.Value.Into.Any(wanted.Contains) && wanted.Add(step.Key)))
        {
        }

        var stored = names.ByType.Where(known => wanted.Contains(known.Key)).Select(known => known.Value).ToHashSet(StringComparer.Ordinal);
        while (steps.ByName.Any(step => step.Value.Into.Any(stored.Contains) && stored.Add(step.Key)))
        {
        }

        return stored;
    }

    /// <summary>Another value after each change.</summary>
    internal (object Names, object Steps) Current => (names, Upcasters.Current);

    /// <summary>Registers a class that is known at run time only.</summary>
    internal EventTypeRegistry Add(Type type, string name)
    {
        StoredText.ThrowIfUnfit(name, EventData.MaxTypeLength, "An event type name", nameof(name));
        lock (gate)
        {
            if (names.ByName.TryGetValue(name, out var holder) && holder != type)
            {
                throw new InvalidOperationException($"The event type name '{name}' stands for {holder.FullName} already; {type.FullName} needs one of its own.");
            }

            if (names.ByType.TryGetValue(type, out var other) && other != name)
            {
                throw new InvalidOperationException($"{type.FullName} is registered as '{other}' already and cannot be '{name}' too.");
            }

            if (holder is null)
            {
                names = new Names(
                    new Dictionary<string, Type>(names.ByName, StringComparer.Ordinal) { [name] = type },
                    new Dictionary<Type, string>(names.ByType) { [type] = name });
            }
        }

        return this;
    }

    private static string ChosenName(Type type) =>
        type.GetCustomAttribute<EventTypeAttribute>(inherit: false)?.StoredName
        ?? throw new InvalidOperationException(
            $"{type.FullName} has no stored name. Put [EventType(\"a-name\")] on it, or give the name when registering it.");

    private sealed record Names(Dictionary<string, Type> ByName, Dictionary<Type, string> ByType);
}
