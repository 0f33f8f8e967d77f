using EventSourcing;
using EventSourcing.InMemory;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>The in-memory adapter in an application.</summary>
public static class InMemoryBuilderExtensions
{
    /// <summary>Keeps events in memory, for as long as the service provider lives.</summary>
    /// <param name="builder">The builder.</param>
    /// <param name="configure">Changes the limits.</param>
    /// <returns>The builder.</returns>
    /// <exception cref="InvalidOperationException">A store is chosen already.</exception>
    public static EventSourcingBuilder UseInMemory(this EventSourcingBuilder builder, Action<InMemoryOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        var options = new InMemoryOptions();
        configure?.Invoke(options);
        builder.Services.TryAddSingleton<ILogRestore>(provider => provider.GetRequiredService<InMemoryEventStore>());
        builder.Services.TryAddSingleton<ICheckpointStore, InMemoryCheckpointStore>();
        builder.Services.TryAddSingleton<InMemorySnapshotStore>();
        builder.Services.TryAddSingleton<ISnapshotStore>(provider => provider.GetRequiredService<InMemorySnapshotStore>());
        builder.Services.TryAddSingleton<ISnapshotInventory>(provider => provider.GetRequiredService<InMemorySnapshotStore>());
        builder.Services.TryAddSingleton<ISubjectKeyStore, InMemorySubjectKeyStore>();
        builder.Services.TryAddSingleton<InMemoryConsumerStore>();
        builder.Services.TryAddSingleton<IConsumerStore>(provider => provider.GetRequiredService<InMemoryConsumerStore>());
        builder.Services.TryAddSingleton<IDeadLetterStore, InMemoryDeadLetterStore>();
        builder.Services.TryAddSingleton<IReactorStore, InMemoryReactorStore>();
        builder.Services.TryAddSingleton<IViewStore, InMemoryViewStore>();
        builder.Services.TryAddSingleton<IOutbox, InMemoryOutbox>();
        builder.Services.TryAddSingleton<IStreamMaintenance>(provider => new InMemoryStreamMaintenance(
            provider.GetRequiredService<InMemoryEventStore>(),
            provider.GetRequiredService<EventTypeRegistry>(),
            provider.GetService<ISnapshotStore>() as InMemorySnapshotStore,
            provider.GetService<InMemoryConsumerStore>(),
            provider.GetService<ICheckpointStore>() as InMemoryCheckpointStore));
        builder.Services.TryAddSingleton<IEventLookup, InMemoryEventLookup>();
        builder.Services.TryAddSingleton<IHashChain, InMemoryHashChain>();
        return builder.UseStore(provider => new InMemoryEventStore(options, provider.GetRequiredService<TimeProvider>()));
    }
}
