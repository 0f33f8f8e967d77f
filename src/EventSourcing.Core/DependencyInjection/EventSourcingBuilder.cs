using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;

namespace EventSourcing;

/// <summary>Registers the parts of an application; returned by <c>services.AddEventSourcing()</c>.</summary>
public sealed class EventSourcingBuilder
{
    private readonly EventTypeRegistry registry;

    internal EventSourcingBuilder(IServiceCollection services, EventTypeRegistry registry)
    {
        Services = services;
        this.registry = registry;
    }

    /// <summary>The services, for the extensions of adapters.</summary>
    public IServiceCollection Services { get; }

    /// <summary>Registers an event class under the name of its <see cref="EventTypeAttribute"/>, or under the given one.</summary>
    /// <typeparam name="TEvent">The class.</typeparam>
    /// <param name="name">The name that is stored; by default the attribute's.</param>
    /// <returns>This builder.</returns>
    /// <exception cref="InvalidOperationException">The class has no name, or the name or the class is registered otherwise.</exception>
    public EventSourcingBuilder AddEvent<[DynamicallyAccessedMembers(EventTags.Members)] TEvent>(string? name = null)
        where TEvent : notnull
    {
        _ = name is null ? registry.Add<TEvent>() : registry.Add<TEvent>(name);
        return this;
    }

    /// <summary>Registers every class of an assembly that carries an <see cref="EventTypeAttribute"/>.</summary>
    /// <param name="assembly">The assembly.</param>
    /// <returns>This builder.</returns>
    /// <exception cref="InvalidOperationException">No class carries the attribute, or a name is taken.</exception>
    [RequiresUnreferencedCode("Looks through all types of the assembly; in a trimmed application use AddEvents<TEvents>() or AddEvent<TEvent>().")]
    public EventSourcingBuilder AddEventsFrom(Assembly assembly)
    {
        registry.AddFrom(assembly);
        return this;
    }

    /// <summary>Registers all event classes of an assembly, without reflection.</summary>
    /// <typeparam name="TEvents">The assembly's list of them; see <see cref="IEventTypes"/>.</typeparam>
    /// <returns>This builder.</returns>
    /// <exception cref="InvalidOperationException">A name or a class is registered otherwise already.</exception>
    public EventSourcingBuilder AddEvents<TEvents>()
        where TEvents : IEventTypes
    {
        registry.AddFrom<TEvents>();
        return this;
    }

    /// <summary>Declares how stored events of older shapes are lifted when they are read.</summary>
    /// <param name="declare">Adds the steps.</param>
    /// <returns>This builder.</returns>
    /// <exception cref="InvalidOperationException">A name or class is lifted already, or would be lifted to itself again.</exception>
    public EventSourcingBuilder Upcast(Action<EventUpcasters> declare)
    {
        ArgumentNullException.ThrowIfNull(declare);
        declare(registry.Upcasters);
        return this;
    }

    /// <summary>Registers the handler of a command; made anew for each command, in a scope of its own.</summary>
    /// <typeparam name="TCommand">The command.</typeparam>
    /// <typeparam name="THandler">The handler.</typeparam>
    /// <returns>This builder.</returns>
    /// <exception cref="InvalidOperationException">The command has a handler already.</exception>
    public EventSourcingBuilder AddCommandHandler<
        TCommand,
        [DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] THandler>()
        where THandler : class, ICommandHandler<TCommand>
    {
        if (Services.Any(service => service.ServiceType == typeof(ICommandHandler<TCommand>)))
        {
            throw new InvalidOperationException($"{typeof(TCommand).FullName} has a handler already.");
        }

        Services.AddScoped<ICommandHandler<TCommand>, THandler>();
        return this;
    }

    /// <summary>Registers a projection, which a hosted service then runs; one instance, also to be asked for by its class.</summary>
    /// <typeparam name="TProjection">The projection.</typeparam>
    /// <returns>This builder.</returns>
    public EventSourcingBuilder AddProjection<
        [DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] TProjection>()
        where TProjection : class, IProjection
    {
        if (Services.Any(service => service.ServiceType == typeof(TProjection)))
        {
            throw new InvalidOperationException($"{typeof(TProjection).FullName} is registered already.");
        }

        Services.AddSingleton<TProjection>();
        return AddProjection(provider => provider.GetRequiredService<TProjection>());
    }

    /// <summary>For adapters: registers a projection that is made by a function.</summary>
    /// <param name="create">Makes it, once.</param>
    /// <returns>This builder.</returns>
    public EventSourcingBuilder AddProjection(Func<IServiceProvider, IProjection> create)
    {
        Services.AddSingleton(create);
        Services.TryAddEnumerable(ServiceDescriptor.Singleton<IHostedService, ProjectionHostedService>());
        return this;
    }

    /// <summary>Registers a projection of views, which a hosted service then runs. Its views are found through
    /// <see cref="IViewReader{TView}"/>.</summary>
    /// <typeparam name="TProjection">The projection.</typeparam>
    /// <typeparam name="TView">Its view.</typeparam>
    /// <returns>This builder.</returns>
    /// <exception cref="InvalidOperationException">The projection is registered already, or another one of the same view.</exception>
    public EventSourcingBuilder AddView<
        [DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] TProjection,
        TView>()
        where TProjection : ViewProjection<TView>
        where TView : class =>
        AddView<TProjection, TView>(provider => new ViewConsumer<TView>(
            provider.GetRequiredService<TProjection>(), provider.GetRequiredService<IViewTable<TView>>()));

    /// <summary>Registers a projection of views that appends apply in their own transactions: see <see cref="IInlineProjection"/>.
    /// Every process that appends is to register it.</summary>
    /// <typeparam name="TProjection">The projection.</typeparam>
    /// <typeparam name="TView">Its view.</typeparam>
    /// <returns>This builder.</returns>
    /// <exception cref="InvalidOperationException">The projection is registered already, or another one of the same view.</exception>
    public EventSourcingBuilder AddInlineView<
        [DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] TProjection,
        TView>()
        where TProjection : ViewProjection<TView>
        where TView : class =>
        AddView<TProjection, TView>(provider => provider.GetRequiredService<IViewStore>().BindInline(provider.GetRequiredService<TProjection>()));

    /// <summary>Registers a reactor, which a hosted service then runs; one instance, also to be asked for by its class.</summary>
    /// <typeparam name="TReactor">The reactor.</typeparam>
    /// <returns>This builder.</returns>
    /// <exception cref="InvalidOperationException">The reactor is registered already.</exception>
    public EventSourcingBuilder AddReactor<
        [DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] TReactor>()
        where TReactor : Reactor
    {
        if (Services.Any(service => service.ServiceType == typeof(TReactor)))
        {
            throw new InvalidOperationException($"{typeof(TReactor).FullName} is registered already.");
        }

        Services.AddSingleton<TReactor>();
        Services.AddSingleton<Reactor>(provider => provider.GetRequiredService<TReactor>());
        Services.TryAddEnumerable(ServiceDescriptor.Singleton<IHostedService, ReactorHostedService>());
        return this;
    }

    /// <summary>Registers a translator of events into public messages, which a hosted service then runs, together with the relay that
    /// hands the messages to the application's <see cref="IMessagePublisher"/>.</summary>
    /// <typeparam name="TTranslator">The translator.</typeparam>
    /// <returns>This builder.</returns>
    /// <exception cref="InvalidOperationException">The translator is registered already.</exception>
    public EventSourcingBuilder AddMessageTranslator<
        [DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] TTranslator>()
        where TTranslator : MessageTranslator
    {
        if (Services.Any(service => service.ServiceType == typeof(TTranslator)))
        {
            throw new InvalidOperationException($"{typeof(TTranslator).FullName} is registered already.");
        }

        Services.AddSingleton<TTranslator>();
        Services.AddSingleton<MessageTranslator>(provider => provider.GetRequiredService<TTranslator>());
        Services.TryAddEnumerable(ServiceDescriptor.Singleton<IHostedService, PublicMessageHostedService>());
        return this;
    }

    /// <summary>Encrypts what is marked with <see cref="PersonalDataAttribute"/>, each subject's with a key of its own, and adds
    /// <see cref="DataSubjects"/>, by which a subject is forgotten.</summary>
    /// <param name="configure">Gives the master key, and changes the defaults. A mistake in it shows when the first service is asked for.</param>
    /// <returns>This builder.</returns>
    public EventSourcingBuilder AddPersonalData(Action<PersonalDataOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(configure);
        PersonalDataServices.Add(Services, configure);
        return this;
    }

    /// <summary>For adapters: makes a store the one of the application.</summary>
    /// <typeparam name="TStore">The store, also to be asked for by its class.</typeparam>
    /// <param name="create">Makes the store, once.</param>
    /// <returns>This builder.</returns>
    /// <exception cref="InvalidOperationException">A store is chosen already.</exception>
    public EventSourcingBuilder UseStore<TStore>(Func<IServiceProvider, TStore> create)
        where TStore : class, IEventStore
    {
        if (Services.Any(service => service.ServiceType == typeof(ChosenStore)))
        {
            throw new InvalidOperationException("An event store is chosen already; an application has one.");
        }

        Services.AddSingleton<ChosenStore>();
        Services.AddSingleton(create);
        Services.Replace(ServiceDescriptor.Singleton<IEventStore>(provider => provider.GetRequiredService<TStore>()));
        return this;
    }

    private EventSourcingBuilder AddView<
        [DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] TProjection,
        TView>(Func<IServiceProvider, IProjection> bind)
        where TProjection : ViewProjection<TView>
        where TView : class
    {
        if (Services.Any(service => service.ServiceType == typeof(TProjection) || service.ServiceType == typeof(IViewTable<TView>)))
        {
            throw new InvalidOperationException($"{typeof(TProjection).FullName}, or another projection of {typeof(TView).FullName}, is registered already.");
        }

        Services.AddSingleton<TProjection>();
        Services.AddSingleton(provider => provider.GetRequiredService<IViewStore>().Open(provider.GetRequiredService<TProjection>()));
        Services.AddSingleton<IViewReader<TView>>(provider => provider.GetRequiredService<IViewTable<TView>>());
        Services.AddSingleton<SubjectViews>(provider => new SubjectViewsOf<TView>(
            provider.GetRequiredService<TProjection>(), provider.GetRequiredService<IViewReader<TView>>()));
        return AddProjection(bind);
    }

    private sealed class ChosenStore;
}
