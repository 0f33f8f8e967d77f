using System.Text;
using System.Text.Json;
using EventSourcing.InMemory;

namespace EventSourcing;

/// <summary>A serializer with keys, and what it makes of events.</summary>
internal sealed class PersonalWorld
{
    private readonly InMemorySubjectKeyStore store = new();

    public PersonalWorld(EventTypeRegistry types, JsonSerializerOptions? json = null)
    {
        Types = types;
        Json = json;
        Keys = NewKeys();
        Serializer = new EventSerializer(types, json, keys: Keys);
    }

    public EventTypeRegistry Types { get; }

    public JsonSerializerOptions? Json { get; }

    public SubjectKeys Keys { get; }

    public EventSerializer Serializer { get; }

    public string Write(object @event) => Text(Serializer.Serialize(@event));

    public object Read(string name, string json) => Serializer.Deserialize(Recorded(name, json)).Event;

    /// <summary>Writes an event and reads it again.</summary>
    public T Again<T>(T @event)
        where T : notnull => (T)Read(Types.NameOf(typeof(T)), Write(@event));

    /// <summary>Writes an event, forgets its subject, and reads it.</summary>
    public T AfterForgetting<T>(T @event, string subject)
        where T : notnull
    {
        var json = Write(@event);
        Forget(subject);
        return (T)Read(Types.NameOf(typeof(T)), json);
    }

    public void Forget(string subject) =>
        new DataSubjects(new InMemoryEventStore(), Serializer, store, Keys).ForgetAsync(subject).GetAwaiter().GetResult();

    public static string Text(EventData data) => Encoding.UTF8.GetString(data.Data.Span);

    public static RecordedEvent Recorded(string name, string json) => new()
    {
        Stream = "stream-1",
        Version = new StreamVersion(3),
        Position = new LogPosition(17),
        Id = Guid.NewGuid(),
        Type = name,
        Data = Encoding.UTF8.GetBytes(json),
        Metadata = default,
        RecordedAt = DateTimeOffset.UnixEpoch,
    };

    private SubjectKeys NewKeys() => new(store, new PersonalDataOptions { MasterKey = new AesMasterKey("test", new byte[32]) });
}
