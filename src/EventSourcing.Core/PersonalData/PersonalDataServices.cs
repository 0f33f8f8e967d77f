using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace EventSourcing;

/// <summary>What <see cref="EventSourcingBuilder.AddPersonalData"/> adds.</summary>
internal static class PersonalDataServices
{
    public static void Add(IServiceCollection services, Action<PersonalDataOptions> configure)
    {
        services.Configure(configure);
        services.TryAddSingleton(provider => new SubjectKeys(
            Store(provider), provider.GetRequiredService<IOptions<PersonalDataOptions>>().Value, provider.GetRequiredService<TimeProvider>()));
        services.TryAddSingleton(provider =>
        {
            var views = provider.GetServices<SubjectViews>().ToArray();
            return new DataSubjects(
                provider.GetRequiredService<IEventStore>(),
                provider.GetRequiredService<EventSerializer>(),
                Store(provider),
                provider.GetRequiredService<SubjectKeys>(),
                provider.GetService<ISnapshotInventory>())
            {
                Views = views,
                Others =
                [
                    .. provider.GetServices<IProjection>()
                        .Where(projection => !Array.Exists(views, one => one.Name == projection.Name))
                        .Select(projection => (projection.Name, projection.EventTypes, projection.Categories)),
                    .. provider.GetServices<Reactor>().Select(reactor => (reactor.Name, reactor.Events.EventTypes, reactor.Categories)),
                    .. provider.GetServices<MessageTranslator>().Select(translator => (translator.Name, translator.EventTypes, translator.Categories)),
                ],
            };
        });
    }

    private static ISubjectKeyStore Store(IServiceProvider provider) => provider.GetService<ISubjectKeyStore>()
        ?? throw new InvalidOperationException("The event store that was chosen keeps no keys of subjects: register an ISubjectKeyStore.");
}
