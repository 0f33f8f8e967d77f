using System.Text.Json.Nodes;

namespace EventSourcing;

/// <summary>
/// How stored events of older shapes are lifted when they are read: from JSON to JSON by stored names, then from class to class. Each
/// step's results go through the steps for their own names and classes, until there is none. What is stored never changes.
/// </summary>
/// <remarks>Declared at start, before the <see cref="EventSerializer"/> is made, which also looks whether each leads somewhere. Upcasters
/// are pure: the same event gives the same result each time, or a rebuilt read model would differ from the one before.</remarks>
public sealed class EventUpcasters
{
    private readonly Lock gate = new();
    private volatile Steps steps = new([], []);
    private bool isInUse;

    internal EventUpcasters()
    {
    }

    /// <summary>Whether there is none.</summary>
    public bool IsEmpty => steps.ByName.Count == 0 && steps.ByClass.Count == 0;

    internal Steps Current => steps;

    /// <summary>Lifts each event of an older class to one of a newer class.</summary>
    /// <typeparam name="TOld">The older class, registered under the name that is stored.</typeparam>
    /// <typeparam name="TNew">The newer class.</typeparam>
    /// <param name="lift">Makes the one from the other.</param>
    /// <returns>These upcasters.</returns>
    /// <exception cref="InvalidOperationException">The older class is lifted already, or would be lifted to itself again; one of the two
    /// is abstract; or a serializer is made already.</exception>
    public EventUpcasters Add<TOld, TNew>(Func<TOld, TNew> lift)
        where TOld : notnull
        where TNew : notnull
    {
        ArgumentNullException.ThrowIfNull(lift);
        return Add<TOld, TNew>((old, _) => lift(old));
    }

    /// <summary>Lifts each event of an older class to one of a newer class, with what is known of it besides.</summary>
    /// <typeparam name="TOld">The older class, registered under the name that is stored.</typeparam>
    /// <typeparam name="TNew">The newer class.</typeparam>
    /// <param name="lift">Makes the one from the other.</param>
    /// <returns>These upcasters.</returns>
    /// <exception cref="InvalidOperationException">The older class is lifted already, or would be lifted to itself again; one of the two
    /// is abstract; or a serializer is made already.</exception>
    public EventUpcasters Add<TOld, TNew>(Func<TOld, UpcastContext, TNew> lift)
        where TOld : notnull
        where TNew : notnull
    {
        ArgumentNullException.ThrowIfNull(lift);
        return AddMany<TOld>((old, context) => [lift(old, context)], typeof(TNew));
    }

    /// <summary>Lifts each event of a class to any number of events, in order; to none where the event has lost its meaning. They share
    /// the stored event's place and id.</summary>
    /// <typeparam name="TOld">The class, registered under the name that is stored.</typeparam>
    /// <param name="lift">Makes the events.</param>
    /// <param name="into">The classes that it makes, so that who asks for one of them is given it; others are refused.</param>
    /// <returns>These upcasters.</returns>
    /// <exception cref="ArgumentException">A class is null.</exception>
    /// <exception cref="InvalidOperationException">The class is lifted already, or would be lifted to itself again; a class is abstract; or
    /// a serializer is made already.</exception>
    public EventUpcasters AddMany<TOld>(Func<TOld, UpcastContext, IEnumerable<object>> lift, params IReadOnlyList<Type> into)
        where TOld : notnull
    {
        ArgumentNullException.ThrowIfNull(lift);
        ArgumentNullException.ThrowIfNull(into);
        ThrowIfNoEventIs(typeof(TOld));
        foreach (var type in into)
        {
            ThrowIfNoEventIs(type ?? throw new ArgumentException("A class is null.", nameof(into)));
        }

        return Change(known => known with
        {
            ByClass = With(known.ByClass, typeof(TOld), new Step<Type, object>((old, context) => lift((TOld)old, context), [.. into.Distinct()])),
        });
    }

    /// <summary>Changes the payload of events of an older stored name, which then have another; where only the name has changed, nothing
    /// else.</summary>
    /// <param name="from">The older stored name, for example <c>order-placed</c>. No class is registered for it.</param>
    /// <param name="to">The newer one, for example <c>order-placed@2</c>.</param>
    /// <param name="change">Changes the payload in place; nothing by default.</param>
    /// <returns>These upcasters.</returns>
    /// <exception cref="ArgumentException">A name is none.</exception>
    /// <exception cref="InvalidOperationException">The older name is lifted already, or would be lifted to itself again; or a serializer
    /// is made already.</exception>
    public EventUpcasters AddJson(string from, string to, Action<JsonObject, UpcastContext>? change = null) => AddJsonMany(
        from,
        (payload, context) =>
        {
            change?.Invoke(payload, context);
            return [new EventJson(to, payload)];
        },
        to);

    /// <summary>Lifts each event of a stored name to any number of events, in order; to none where the event has lost its meaning. They
    /// share the stored event's place and id.</summary>
    /// <param name="from">The stored name. No class is registered for it.</param>
    /// <param name="lift">Makes the events.</param>
    /// <param name="into">The stored names that it makes; others are refused.</param>
    /// <returns>These upcasters.</returns>
    /// <exception cref="ArgumentException">A name is none.</exception>
    /// <exception cref="InvalidOperationException">The name is lifted already, or would be lifted to itself again; or a serializer is made
    /// already.</exception>
    public EventUpcasters AddJsonMany(string from, Func<JsonObject, UpcastContext, IEnumerable<EventJson>> lift, params IReadOnlyList<string> into)
    {
        ArgumentNullException.ThrowIfNull(lift);
        ArgumentNullException.ThrowIfNull(into);
        StoredText.ThrowIfUnfit(from, EventData.MaxTypeLength, "An event type name", nameof(from));
        foreach (var name in into)
        {
            StoredText.ThrowIfUnfit(name, EventData.MaxTypeLength, "An event type name", nameof(into));
        }

        return Change(known => known with
        {
            ByName = With(known.ByName, from, new Step<string, EventJson>((old, context) => lift(old.Payload, context), [.. into.Distinct(StringComparer.Ordinal)])),
        });
    }

    private static Dictionary<TKey, Step<TKey, TEvent>> With<TKey, TEvent>(Dictionary<TKey, Step<TKey, TEvent>> known, TKey from, Step<TKey, TEvent> step)
        where TKey : notnull
    {
        var all = new Dictionary<TKey, Step<TKey, TEvent>>(known);
        if (!all.TryAdd(from, step))
        {
            throw new InvalidOperationException($"'{from}' is lifted already.");
        }

        var seen = new HashSet<TKey>();
        return Reaches(step.Into)
            ? throw new InvalidOperationException($"'{from}' would be lifted to '{from}' again, and so for ever.")
            : all;

        bool Reaches(IEnumerable<TKey> into) => into.Any(next =>
            EqualityComparer<TKey>.Default.Equals(next, from) || (seen.Add(next) && all.TryGetValue(next, out var further) && Reaches(further.Into)));
    }

    private static void ThrowIfNoEventIs(Type type)
    {
        if (type.IsAbstract || type == typeof(object))
        {
            throw new InvalidOperationException($"{type.FullName} is abstract, or any class: a step is from the classes that events are of exactly, to such classes.");
        }
    }

    private EventUpcasters Change(Func<Steps, Steps> change)
    {
        lock (gate)
        {
            // Events that were read before would have been read otherwise, and stand so in caches and read models.
            steps = isInUse
                ? throw new InvalidOperationException("Upcasters are declared before the serializer is made that is to use them.")
                : change(steps);
        }

        return this;
    }

    /// <summary>The steps for reading, which nobody adds to any more.</summary>
    /// <exception cref="InvalidOperationException">One leads nowhere, or begins where no event is.</exception>
    internal Steps Use(EventTypeRegistry types)
    {
        lock (gate)
        {
            UpcasterCheck.ThrowIfWrong(steps, types);
            isInUse = true;
            return steps;
        }
    }

    /// <summary>One step: what it does, and what may come of it.</summary>
    internal sealed record Step<TKey, TEvent>(Func<TEvent, UpcastContext, IEnumerable<TEvent>> Lift, IReadOnlyList<TKey> Into);

    /// <summary>All steps, by what they begin at.</summary>
    internal sealed record Steps(Dictionary<string, Step<string, EventJson>> ByName, Dictionary<Type, Step<Type, object>> ByClass);
}
