using EventSourcing;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>The one entrance: <c>services.AddEventSourcing()</c>.</summary>
public static class EventSourcingServiceCollectionExtensions
{
    /// <summary>
    /// Adds the repository, the command dispatcher, the serializer and the runners of projections and reactors. Choose a store with
    /// <c>UseInMemory()</c> or <c>UsePostgreSql(…)</c>, and register events, handlers, projections and reactors on the builder.
    /// </summary>
    /// <param name="services">The services.</param>
    /// <param name="configure">Changes the defaults.</param>
    /// <returns>The builder.</returns>
    public static EventSourcingBuilder AddEventSourcing(
        this IServiceCollection services, Action<EventSourcingOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        if (configure is not null)
        {
            services.Configure(configure);
        }

        services.AddOptions<EventSourcingOptions>();
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<IEventStore>(_ => throw new InvalidOperationException(
            "No event store is chosen: call UseInMemory() or UsePostgreSql(…) after AddEventSourcing()."));
        services.TryAddSingleton(provider => new EventSerializer(
            provider.GetRequiredService<EventTypeRegistry>(), Options(provider).Json, Options(provider).NewId, provider.GetService<SubjectKeys>()));
        services.TryAddSingleton<IRepository>(provider => new Repository(
            provider.GetRequiredService<IEventStore>(),
            provider.GetRequiredService<EventSerializer>(),
            Options(provider).ConflictRetry,
            provider.GetRequiredService<TimeProvider>(),
            Options(provider).Cache,
            provider.GetService<ISnapshotStore>(),
            provider.GetService<ILogger<Repository>>()));
        services.TryAddSingleton<ICommandDispatcher, CommandDispatcher>();
        services.TryAddSingleton<LiveViews>();
        services.TryAddSingleton<StreamHistory>();
        services.TryAddSingleton(provider => new AuditTrail(provider.GetRequiredService<IEventStore>(), Capability<IEventLookup>(provider)));
        services.TryAddSingleton(provider => new ChainVerifier(provider.GetRequiredService<IEventStore>(), Capability<IHashChain>(provider)));
        services.TryAddSingleton(provider => new ProjectionRunner(
            provider.GetRequiredService<IEventStore>(),
            provider.GetRequiredService<EventSerializer>(),
            provider.GetServices<IProjection>(),
            Options(provider).Projections,
            provider.GetService<IConsumerStore>(),
            provider.GetService<IDeadLetterStore>(),
            provider.GetRequiredService<TimeProvider>(),
            provider.GetService<ILogger<ProjectionRunner>>()));
        services.TryAddSingleton(provider => new ReactorRunner(
            provider.GetRequiredService<IEventStore>(),
            provider.GetRequiredService<EventSerializer>(),
            provider.GetServices<Reactor>(),
            provider.GetRequiredService<IReactorStore>(),
            provider.GetRequiredService<IConsumerStore>(),
            provider.GetRequiredService<IDeadLetterStore>(),
            provider.GetRequiredService<ICommandDispatcher>(),
            Options(provider).Reactors,
            provider.GetRequiredService<TimeProvider>(),
            provider.GetService<ILogger<ReactorRunner>>()));
        services.TryAddSingleton(provider => new PublicMessageRunner(
            provider.GetRequiredService<IEventStore>(),
            provider.GetRequiredService<EventSerializer>(),
            provider.GetServices<MessageTranslator>(),
            provider.GetRequiredService<IOutbox>(),
            provider.GetService<IMessagePublisher>() ?? throw new InvalidOperationException(
                "No message publisher is chosen: call AddRabbitMqPublisher(…), or register an IMessagePublisher of your own."),
            provider.GetRequiredService<IConsumerStore>(),
            Options(provider).Messages,
            provider.GetRequiredService<TimeProvider>(),
            provider.GetService<ILogger<PublicMessageRunner>>()));

        // One registry for every call, so that modules of an application can each add their own events.
        var registry = (EventTypeRegistry?)services
            .FirstOrDefault(service => service.ServiceType == typeof(EventTypeRegistry))?.ImplementationInstance;
        if (registry is null)
        {
            registry = new EventTypeRegistry();
            services.AddSingleton(registry);
        }

        return new EventSourcingBuilder(services, registry);
    }

    private static EventSourcingOptions Options(IServiceProvider provider) =>
        provider.GetRequiredService<IOptions<EventSourcingOptions>>().Value;

    private static TCapability Capability<TCapability>(IServiceProvider provider)
        where TCapability : class =>
        provider.GetService<TCapability>()
        ?? throw new InvalidOperationException($"The event store of this application is none that can do this: it offers no {typeof(TCapability).Name}.");
}
