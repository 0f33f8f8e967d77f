using System.Reflection;
using EventSourcing.InMemory;

namespace EventSourcing.Testing;

/// <summary>The log of one scenario: in memory, with a clock and ids of its own. Events become bytes and are read again, so that what does
/// not survive that fails here, too.</summary>
internal sealed class ScenarioLog
{
    private readonly TestIds ids = new();
    private readonly bool isOwnRegistry;
    private LogPosition last;

    public ScenarioLog(EventSerializer? serializer, IEnumerable<Type> otherTypes, DateTimeOffset start)
    {
        Clock = new TestClock(start);
        Store = new InMemoryEventStore(time: Clock);
        isOwnRegistry = serializer is null;
        serializer ??= new EventSerializer(new EventTypeRegistry());
        Serializer = serializer.Personal is null ? serializer.With(TestKeys.New()) : serializer;
        foreach (var type in otherTypes.Where(type => type is { IsAbstract: false, IsInterface: false }))
        {
            Know(type);
        }
    }

    public TestClock Clock { get; }

    public InMemoryEventStore Store { get; }

    public EventSerializer Serializer { get; }

    /// <summary>Appends an event.</summary>
    /// <returns>What it is when it is read: itself, unless upcasters make none or several of it.</returns>
    public IReadOnlyList<EventEnvelope> Append(StreamName stream, object @event, EventMetadata metadata)
    {
        Know(@event.GetType());
        var data = Serializer.Serialize(@event, metadata, ids.Next());

        // Memory does not keep anybody waiting: these have completed when they return.
        Store.AppendAsync(stream, ExpectedVersion.Any, [data]).GetAwaiter().GetResult();
        var page = Store.ReadLogAsync(new LogReadOptions { After = last }).GetAwaiter().GetResult();
        last = page.ReadTo;
        return Serializer.DeserializeAll(page.Events[0]);
    }

    private void Know(Type type)
    {
        if (isOwnRegistry && type != typeof(StreamDeleted) && !Serializer.Types.Types.Contains(type))
        {
            Serializer.Types.Add(type, type.GetCustomAttribute<EventTypeAttribute>(inherit: false)?.StoredName ?? type.ToString());
        }
    }
}
