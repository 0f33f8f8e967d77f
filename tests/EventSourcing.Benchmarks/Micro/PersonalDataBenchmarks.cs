using BenchmarkDotNet.Attributes;
using EventSourcing.InMemory;

namespace EventSourcing.Benchmarks;

/// <summary>Events with personal data to bytes and back, beside the same events as plain text, and what the feature costs those that have none.</summary>
public class PersonalDataBenchmarks
{
    private readonly EventSerializer without = new(Types());
    private readonly EventSerializer with = new(
        Types(), keys: new SubjectKeys(new InMemorySubjectKeyStore(), new PersonalDataOptions { MasterKey = new AesMasterKey("benchmark", new byte[32]) }));
    private readonly PlainMoved plain = new("customer-7", "Ada Lovelace", "12 St James's Square", "London", "GB");
    private readonly OneMoved one = new("customer-7", "Ada Lovelace", "12 St James's Square", "London", "GB");
    private readonly ThreeMoved three = new("customer-7", "Ada Lovelace", "12 St James's Square", "London", "GB");
    private readonly RecordedEvent plainStored;
    private readonly RecordedEvent oneStored;
    private readonly RecordedEvent threeStored;

    /// <summary>Writes each once, so that the key is at hand.</summary>
    public PersonalDataBenchmarks()
    {
        plainStored = Recorded(plain);
        oneStored = Recorded(one);
        threeStored = Recorded(three);
    }

    /// <summary>Nothing personal, without keys: the floor.</summary>
    [Benchmark(Baseline = true)]
    public object SerializeWithoutKeys() => without.Serialize(plain);

    /// <summary>Nothing personal, with keys.</summary>
    [Benchmark]
    public object SerializeNothingPersonal() => with.Serialize(plain);

    /// <summary>One property encrypted.</summary>
    [Benchmark]
    public object SerializeOne() => with.Serialize(one);

    /// <summary>Three encrypted.</summary>
    [Benchmark]
    public object SerializeThree() => with.Serialize(three);

    /// <summary>The floor of reading.</summary>
    [Benchmark]
    public object DeserializeWithoutKeys() => without.Deserialize(plainStored).Event;

    /// <summary>Nothing personal, with keys.</summary>
    [Benchmark]
    public object DeserializeNothingPersonal() => with.Deserialize(plainStored).Event;

    /// <summary>One property decrypted.</summary>
    [Benchmark]
    public object DeserializeOne() => with.Deserialize(oneStored).Event;

    /// <summary>Three decrypted.</summary>
    [Benchmark]
    public object DeserializeThree() => with.Deserialize(threeStored).Event;

    private static EventTypeRegistry Types() => new EventTypeRegistry().Add<PlainMoved>().Add<OneMoved>().Add<ThreeMoved>();

    private RecordedEvent Recorded(object @event)
    {
        var data = with.Serialize(@event);
        return new RecordedEvent
        {
            Stream = "customer-7",
            Version = new StreamVersion(7),
            Position = new LogPosition(7),
            Id = data.Id,
            Type = data.Type,
            Data = data.Data,
            Metadata = default,
            RecordedAt = DateTimeOffset.UnixEpoch,
        };
    }

    [EventType("plain-moved")]
    private sealed record PlainMoved(string CustomerId, string Name, string Street, string City, string Country);

    [EventType("one-moved")]
    private sealed record OneMoved(
        [property: DataSubject] string CustomerId, [property: PersonalData] string Name, string Street, string City, string Country);

    [EventType("three-moved")]
    private sealed record ThreeMoved(
        [property: DataSubject] string CustomerId,
        [property: PersonalData] string Name,
        [property: PersonalData] string Street,
        [property: PersonalData] string City,
        string Country);
}
