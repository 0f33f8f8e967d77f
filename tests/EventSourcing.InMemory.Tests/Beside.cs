using Microsoft.Extensions.DependencyInjection;

namespace EventSourcing.InMemory;

/// <summary>What is kept beside an event store in memory, shared by several applications.</summary>
internal sealed class Beside
{
    private readonly InMemorySubjectKeyStore keys = new();
    private readonly InMemorySnapshotStore snapshots = new();
    private readonly InMemoryConsumerStore consumers = new();

    public void AddTo(IServiceCollection services, IEventStore store) => services
        .AddSingleton<ISubjectKeyStore>(keys)
        .AddSingleton<ISnapshotStore>(snapshots)
        .AddSingleton<ISnapshotInventory>(snapshots)
        .AddSingleton<IConsumerStore>(consumers)
        .AddSingleton<IDeadLetterStore>(new InMemoryDeadLetterStore(consumers))
        .AddSingleton<IReactorStore>(new InMemoryReactorStore(consumers))
        .AddSingleton<IViewStore>(provider => new InMemoryViewStore((InMemoryEventStore)store, provider.GetRequiredService<EventSerializer>(), consumers));
}
