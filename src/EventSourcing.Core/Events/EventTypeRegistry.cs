using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Reflection;
using System.Text.Json.Serialization.Metadata;

namespace EventSourcing;

/// <summary>Which stored name stands for which event class, one to one. <see cref="StreamDeleted"/> is registered from the start.</summary>
/// <remarks>Safe for use by any number of threads, also while types are added.</remarks>
public sealed class EventTypeRegistry
{
    private readonly Lock gate = new();

    // Replaced as a whole on each change, so that reading takes no lock.
    private volatile Names names = new(
        new(StringComparer.Ordinal) { [StreamDeleted.StoredName] = typeof(StreamDeleted) },
        new() { [typeof(StreamDeleted)] = StreamDeleted.StoredName },
        new() { [typeof(StreamDeleted)] = new EventTags(typeof(StreamDeleted)) });
    private volatile IJsonTypeInfoResolver[] json = [];

    /// <summary>How stored events of older names and classes are lifted.</summary>
    public EventUpcasters Upcasters { get; } = new();

    /// <summary>The registered classes: those of the application, without the library's own <see cref="StreamDeleted"/>.</summary>
    public IReadOnlyCollection<Type> Types => [.. names.ByType.Keys.Where(type => type != typeof(StreamDeleted))];

    /// <summary>Registers an event class under the name of its <see cref="EventTypeAttribute"/>.</summary>
    /// <typeparam name="TEvent">The class.</typeparam>
    /// <returns>This registry.</returns>
    /// <exception cref="ArgumentException">The name is too long or not writable as UTF-8.</exception>
    /// <exception cref="InvalidOperationException">The class has no such attribute or is abstract, its version is below 1, its name ends
    /// as a version does, or its name or the class is taken.</exception>
    public EventTypeRegistry Add<[DynamicallyAccessedMembers(EventTags.Members)] TEvent>()
        where TEvent : notnull => Add(typeof(TEvent), ChosenName(typeof(TEvent)));

    /// <summary>Registers an event class under a name.</summary>
    /// <typeparam name="TEvent">The class.</typeparam>
    /// <param name="name">The name that is stored; it outlives the class's name.</param>
    /// <returns>This registry.</returns>
    /// <exception cref="ArgumentException">The name is empty, too long or not writable as UTF-8.</exception>
    /// <exception cref="InvalidOperationException">The name or the class is registered otherwise already, or the class is abstract.</exception>
    public EventTypeRegistry Add<[DynamicallyAccessedMembers(EventTags.Members)] TEvent>(string name)
        where TEvent : notnull => Add(typeof(TEvent), name);

    /// <summary>Registers every class of an assembly that carries an <see cref="EventTypeAttribute"/>.</summary>
    /// <param name="assembly">The assembly.</param>
    /// <returns>This registry.</returns>
    /// <exception cref="ArgumentException">A name is too long or not writable as UTF-8.</exception>
    /// <exception cref="InvalidOperationException">No class carries the attribute, or one that does cannot be added: see <see cref="Add{TEvent}()"/>.</exception>
    [RequiresUnreferencedCode("Looks through all types of the assembly; in a trimmed application use AddFrom<TEvents>() or Add<TEvent>().")]
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

    /// <summary>Registers all event classes of an assembly, without reflection.</summary>
    /// <typeparam name="TEvents">The assembly's list of them.</typeparam>
    /// <returns>This registry.</returns>
    /// <exception cref="InvalidOperationException">A name or a class is registered otherwise already.</exception>
    public EventTypeRegistry AddFrom<TEvents>()
        where TEvents : IEventTypes
    {
        TEvents.AddTo(this);
        return this;
    }

    /// <summary>Adds what knows how classes look as JSON, as a rule a source-generated context. Serializers of this registry ask those
    /// that were added in order, after the resolver of their own options and before reflection.</summary>
    /// <param name="resolver">What knows. Names and converters follow the serializer's options, not its own.</param>
    /// <returns>This registry.</returns>
    public EventTypeRegistry AddJson(IJsonTypeInfoResolver resolver)
    {
        ArgumentNullException.ThrowIfNull(resolver);
        lock (gate)
        {
            json = [.. json, resolver];
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
                $"Event type {type.FullName} is not registered. Put [EventType(\"a-name\")] on it and register it with AddEvent<{type.Name}>(), AddEvents<TEvents>() or AddEventsFrom(assembly).");
    }

    /// <summary>The event class that a stored name stands for.</summary>
    /// <param name="name">The stored name.</param>
    /// <param name="type">The class, where the name is known.</param>
    /// <returns>Whether the name is known.</returns>
    public bool TryGetType(string name, [NotNullWhen(true)] out Type? type) => names.ByName.TryGetValue(name, out type);

    /// <summary>The stored names of events that are read as a class or one of its kind, as they are stored or lifted.</summary>
    /// <param name="type">The class, or a base or interface of several.</param>
    /// <returns>The names; none where no such class is registered, or all of its events are lifted to others.</returns>
    public IReadOnlyCollection<string> StoredNamesOf(Type type)
    {
        ArgumentNullException.ThrowIfNull(type);
        var steps = Upcasters.Current;
        var wanted = names.ByType.Keys.Concat(steps.ByClass.Values.SelectMany(step => step.Into))
            .Where(known => type.IsAssignableFrom(known) && !steps.ByClass.ContainsKey(known))
            .ToHashSet();
        while (steps.ByClass.Any(step => step.Value.Into.Any(wanted.Contains) && wanted.Add(step.Key)))
        {
        }

        var stored = names.ByType.Where(known => wanted.Contains(known.Key)).Select(known => known.Value).ToHashSet(StringComparer.Ordinal);
        while (steps.ByName.Any(step => step.Value.Into.Any(stored.Contains) && stored.Add(step.Key)))
        {
        }

        return stored;
    }

    /// <summary>The registered name that differs from an unknown one by its version alone, for messages; null where there is none.</summary>
    internal string? OtherVersionOf(string name)
    {
        var unversioned = EventTypeAttribute.Unversioned(name) ?? name;
        return names.ByName.Keys.FirstOrDefault(known => known == unversioned || EventTypeAttribute.Unversioned(known) == unversioned);
    }

    internal IReadOnlyList<IJsonTypeInfoResolver> Json => json;

    /// <summary>Another value after each change.</summary>
    internal (object Names, object Steps) Current => (names, Upcasters.Current);

    /// <summary>The tags of an event of a registered class.</summary>
    internal IReadOnlyCollection<Tag> TagsOf(object @event) => names.Tags[@event.GetType()].Of(@event);

    /// <summary>Registers a class that is known at run time only.</summary>
    internal EventTypeRegistry Add([DynamicallyAccessedMembers(EventTags.Members)] Type type, string name)
    {
        StoredText.ThrowIfUnfit(name, EventData.MaxTypeLength, "An event type name", nameof(name));
        ThrowIfNoEventCanBe(type);
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
                    new Dictionary<Type, string>(names.ByType) { [type] = name },
                    new Dictionary<Type, EventTags>(names.Tags) { [type] = new EventTags(type) });
            }
        }

        return this;
    }

    private static string ChosenName(Type type)
    {
        var chosen = type.GetCustomAttribute<EventTypeAttribute>(inherit: false) ?? throw new InvalidOperationException(
            $"{type.FullName} has no stored name. Put [EventType(\"a-name\")] on it, or give the name when registering it.");
        if (string.IsNullOrEmpty(chosen.Name))
        {
            throw new InvalidOperationException($"The name in the [EventType] of {type.FullName} is empty.");
        }

        if (chosen.Version < 1)
        {
            throw new InvalidOperationException(string.Create(
                CultureInfo.InvariantCulture, $"{type.FullName} has the version {chosen.Version} in its [EventType]; the first one is 1."));
        }

        if (EventTypeAttribute.Unversioned(chosen.Name) is { } name)
        {
            var version = chosen.Name[(name.Length + 1)..];
            throw new InvalidOperationException(
                $"The name '{chosen.Name}' of {type.FullName} ends as a version does. For that version of an event, write [EventType(\"{name}\", Version = {version})].");
        }

        StoredText.ThrowIfUnfit(chosen.StoredName, EventData.MaxTypeLength, $"The event type name of {type.FullName}", nameof(type));
        return chosen.StoredName;
    }

    private static void ThrowIfNoEventCanBe(Type type)
    {
        if (type.ContainsGenericParameters)
        {
            throw new InvalidOperationException(
                $"{type} is generic, and each of its forms is a type of event of its own: take [EventType] off it, and register each with Add<…>(\"a-name\").");
        }

        if (type.IsAbstract)
        {
            throw new InvalidOperationException($"{type.FullName} is abstract, and no event is of exactly this class: name the classes of the events themselves.");
        }
    }

    private sealed record Names(Dictionary<string, Type> ByName, Dictionary<Type, string> ByType, Dictionary<Type, EventTags> Tags);
}
