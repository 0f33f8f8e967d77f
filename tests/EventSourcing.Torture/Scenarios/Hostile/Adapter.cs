using EventSourcing.InMemory;
using EventSourcing.PostgreSql;

namespace EventSourcing.Torture;

/// <summary>An adapter with all that it keeps. What is asked of one is asked of the others, which are to answer the same.</summary>
internal sealed record Adapter(
    string Name,
    IEventStore Store,
    ICheckpointStore Checkpoints,
    ISnapshotStore Snapshots,
    IConsumerStore Consumers,
    IDeadLetterStore Letters,
    IReactorStore Reactors,
    IOutbox Outbox,
    IViewStore Views)
{
    public static Adapter InMemory(EventSerializer serializer, int maxEventBytes)
    {
        var store = new InMemoryEventStore(new InMemoryOptions { MaxEventBytes = maxEventBytes });
        var consumers = new InMemoryConsumerStore();
        return new Adapter(
            "InMemory", store, new InMemoryCheckpointStore(), new InMemorySnapshotStore(), consumers, new InMemoryDeadLetterStore(consumers),
            new InMemoryReactorStore(consumers), new InMemoryOutbox(consumers), new InMemoryViewStore(store, serializer, consumers));
    }

    public static Adapter PostgreSql(EventSerializer serializer, PostgreSqlEventStore store) => new(
        "PostgreSql", store, new PostgreSqlCheckpointStore(store), new PostgreSqlSnapshotStore(store), new PostgreSqlConsumerStore(store),
        new PostgreSqlDeadLetterStore(store), new PostgreSqlReactorStore(store), new PostgreSqlOutbox(store), new PostgreSqlViewStore(store, serializer));
}
