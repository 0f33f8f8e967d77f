using BenchmarkDotNet.Attributes;

namespace EventSourcing.Benchmarks;

/// <summary>Events to bytes and back.</summary>
public class SerializerBenchmarks
{
    private readonly EventSerializer serializer = Orders.Serializer;
    private readonly object line = Orders.Line(7);
    private readonly EventMetadata metadata = new() { CommandId = "0f8fad5b-d9cb-469f-a165-70867728950e", CorrelationId = "0f8fad5b-d9cb-469f-a165-70867728950e" };
    private readonly RecordedEvent recorded = new()
    {
        Stream = "order-1",
        Version = new StreamVersion(7),
        Position = new LogPosition(7),
        Id = Guid.CreateVersion7(),
        Type = Orders.EventType,
        Data = Orders.Serializer.Serialize(Orders.Line(7)).Data,
        Metadata = default,
        RecordedAt = DateTimeOffset.UnixEpoch,
    };

    /// <summary>An event of 150 bytes without metadata.</summary>
    [Benchmark]
    public object Serialize() => serializer.Serialize(line);

    /// <summary>The same with two ids in its metadata.</summary>
    [Benchmark]
    public object SerializeWithMetadata() => serializer.Serialize(line, metadata);

    /// <summary>And back.</summary>
    [Benchmark]
    public object Deserialize() => serializer.Deserialize(recorded).Event;
}
