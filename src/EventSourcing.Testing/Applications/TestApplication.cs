using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace EventSourcing.Testing;

/// <summary>
/// A whole application in memory: commands, projections, reactors and public messages, under a clock that the test moves. Nothing runs
/// beside the test: each call returns when everything that follows from it has been done.
/// </summary>
/// <remarks>
/// <para>Events have ids that are the same in each run. Failed handlers are tried again as often as the application's options say, without
/// pauses; what gives up then is thrown by the call that set it off. Hosted services are not started.</para>
/// <para>For several threads, which take turns.</para>
/// </remarks>
public sealed class TestApplication : IAsyncDisposable
{
    private readonly ServiceProvider services;
    private readonly ApplicationRun run;
    private readonly RecordingPublisher publisher;

    private TestApplication(ServiceProvider services, TestClock clock, RecordingPublisher publisher)
    {
        this.services = services;
        this.publisher = publisher;
        Clock = clock;
        run = new ApplicationRun(services, clock);
    }

    /// <summary>The application's services.</summary>
    public IServiceProvider Services => services;

    /// <summary>The application's clock. Move it with <see cref="AdvanceAsync"/>, so that what comes due is done, too.</summary>
    public TestClock Clock { get; }

    /// <summary>The public messages so far, in the order in which they went out.</summary>
    /// <exception cref="InvalidOperationException">A publisher of its own was registered.</exception>
    public IReadOnlyList<PublicMessage> Published => services.GetRequiredService<IMessagePublisher>() == publisher
        ? publisher.Messages
        : throw new InvalidOperationException("The application has a publisher of its own, which alone knows what it was handed.");

    /// <summary>Starts an application with an empty log. Reactors and translators that begin with what is new see all of it.</summary>
    /// <param name="configure">Registers its parts, as the application itself does; doubles for what is outside go into
    /// <see cref="EventSourcingBuilder.Services"/>. No store is chosen here, and personal data needs no master key.</param>
    /// <param name="startAt">What the clock shows at first; by default the start of the year 2000, UTC.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="InvalidOperationException">Another store than the one in memory is chosen.</exception>
    public static async Task<TestApplication> StartAsync(
        Action<EventSourcingBuilder> configure, DateTimeOffset? startAt = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(configure);
        var clock = new TestClock(startAt);
        var publisher = new RecordingPublisher();
        var services = Compose(configure, clock, publisher);
        var application = new TestApplication(services, clock, publisher);
        try
        {
            await application.SettleAsync(cancellationToken).ConfigureAwait(false);
            return application;
        }
        catch
        {
            await application.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Lets events have happened that no command of this test causes. They are followed by what follows from events.</summary>
    /// <param name="stream">The stream to append them to.</param>
    /// <param name="events">The events in order.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="InvalidOperationException">The class of an event is not registered.</exception>
    /// <exception cref="ConsumerFailedException">A projection, a reactor, a translator or the relay has given up.</exception>
    public async Task GivenAsync(StreamName stream, IReadOnlyList<object> events, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(events);
        var serializer = services.GetRequiredService<EventSerializer>();
        var written = events.Select(@event => serializer.Serialize(@event)).ToArray();
        await services.GetRequiredService<IEventStore>().AppendAsync(stream, ExpectedVersion.Any, written, cancellationToken).ConfigureAwait(false);
        await SettleAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Sends a command, and lets everything happen that follows from it. A refusal is thrown as it is.</summary>
    /// <typeparam name="TCommand">The command.</typeparam>
    /// <param name="command">The command.</param>
    /// <param name="context">Its id and its correlation; new ones by default.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>What the command came to.</returns>
    /// <exception cref="InvalidOperationException">No handler is registered for it, or the application does not come to rest.</exception>
    /// <exception cref="ConsumerFailedException">A projection, a reactor, a translator or the relay has given up.</exception>
    public async Task<CommandResult> SendAsync<TCommand>(
        TCommand command, CommandContext? context = null, CancellationToken cancellationToken = default)
        where TCommand : notnull
    {
        var result = await services.GetRequiredService<ICommandDispatcher>().DispatchAsync(command, context, cancellationToken).ConfigureAwait(false);
        await SettleAsync(cancellationToken).ConfigureAwait(false);
        return result;
    }

    /// <summary>Lets time pass. Whatever comes due in it is done at its own time, one after the other.</summary>
    /// <param name="time">How long; zero or more.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="ArgumentOutOfRangeException">The time is negative.</exception>
    /// <exception cref="InvalidOperationException">The application does not come to rest.</exception>
    /// <exception cref="ConsumerFailedException">A projection, a reactor, a translator or the relay has given up.</exception>
    public Task AdvanceAsync(TimeSpan time, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(time, TimeSpan.Zero);
        return run.AdvanceAsync(time, cancellationToken);
    }

    /// <summary>Lets everything happen that follows from what is in the log, and delivers what is due. For what was done past this object;
    /// its own methods do it themselves.</summary>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="InvalidOperationException">The application does not come to rest: there is always something more.</exception>
    /// <exception cref="ConsumerFailedException">A projection, a reactor, a translator or the relay has given up.</exception>
    public Task SettleAsync(CancellationToken cancellationToken = default) => run.SettleAsync(cancellationToken);

    /// <summary>Finds a view.</summary>
    /// <typeparam name="TView">The view.</typeparam>
    /// <param name="key">Its key.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The view; null where there is none.</returns>
    /// <exception cref="InvalidOperationException">No projection of such views is registered.</exception>
    public Task<TView?> FindAsync<TView>(string key, CancellationToken cancellationToken = default)
        where TView : class =>
        (services.GetService<IViewReader<TView>>() ?? throw new InvalidOperationException(
            $"No projection of {typeof(TView).FullName} is registered: add AddView<…, {typeof(TView).Name}>()."))
        .FindAsync(key, cancellationToken);

    /// <summary>The events of a stream, in order.</summary>
    /// <param name="stream">The stream.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<IReadOnlyList<EventEnvelope>> ReadAsync(StreamName stream, CancellationToken cancellationToken = default)
    {
        var serializer = services.GetRequiredService<EventSerializer>();
        var events = new List<EventEnvelope>();
        await foreach (var recorded in services.GetRequiredService<IEventStore>()
            .ReadStreamAsync(stream, cancellationToken: cancellationToken).ConfigureAwait(false))
        {
            events.AddRange(serializer.DeserializeAll(recorded));
        }

        return events;
    }

    /// <summary>A stream holds exactly these events, in this order: equal in class and, as JSON, in content.</summary>
    /// <param name="stream">The stream.</param>
    /// <param name="expected">The events; none for a stream that is not there.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="ScenarioFailedException">It holds something else; shows both as JSON.</exception>
    public async Task ThenEventsAsync(StreamName stream, IReadOnlyList<object> expected, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(expected);
        var actual = await ReadAsync(stream, cancellationToken).ConfigureAwait(false);
        if (Difference.Between(expected, [.. actual.Select(envelope => envelope.Event)]) is { } difference)
        {
            throw new ScenarioFailedException($"Stream '{stream}':{Environment.NewLine}{difference}");
        }
    }

    /// <summary>A key has this view, as JSON.</summary>
    /// <typeparam name="TView">The view.</typeparam>
    /// <param name="key">The key.</param>
    /// <param name="expected">The view; null for none.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="ScenarioFailedException">It has another one, or none; shows both as JSON.</exception>
    /// <exception cref="InvalidOperationException">No projection of such views is registered.</exception>
    public async Task ThenViewAsync<TView>(string key, TView? expected, CancellationToken cancellationToken = default)
        where TView : class
    {
        var actual = await FindAsync<TView>(key, cancellationToken).ConfigureAwait(false);
        if (Difference.Between(View(expected), View(actual)) is { } difference)
        {
            throw new ScenarioFailedException($"The view of '{key}':{Environment.NewLine}{difference}");
        }

        static Shown View(TView? view) => view is null ? new Shown($"no {typeof(TView).Name}", null) : Shown.Of(view);
    }

    /// <summary>Exactly these public messages have gone out since the start, in this order.</summary>
    /// <param name="expected">The messages, made with <see cref="Effect.Published"/>; none where nothing is told.</param>
    /// <exception cref="ScenarioFailedException">Something else has gone out; shows both as JSON.</exception>
    /// <exception cref="InvalidOperationException">A publisher of its own was registered.</exception>
    public void ThenPublished(params IReadOnlyList<Effect> expected)
    {
        ArgumentNullException.ThrowIfNull(expected);
        var actual = Published.Select(PublishedEffect.Of).ToArray();
        if (Difference.Between(Effect.Show(expected, actual), Effect.Show(actual, expected)) is { } difference)
        {
            throw new ScenarioFailedException(difference);
        }
    }

    /// <summary>Ends it: disposes of its services.</summary>
    public async ValueTask DisposeAsync()
    {
        run.Dispose();
        await services.DisposeAsync().ConfigureAwait(false);
    }

    private static ServiceProvider Compose(Action<EventSourcingBuilder> configure, TestClock clock, RecordingPublisher publisher)
    {
        var services = new ServiceCollection();
        services.AddSingleton<IMessagePublisher>(publisher);
        var builder = services.AddEventSourcing();
        configure(builder);
        if (!services.Any(service => service.ServiceType == typeof(InMemory.InMemoryEventStore)))
        {
            try
            {
                builder.UseInMemory();
            }
            catch (InvalidOperationException chosen)
            {
                throw new InvalidOperationException("A TestApplication keeps its events in memory: choose no other store in it.", chosen);
            }
        }

        var ids = new TestIds();
        services.PostConfigure<EventSourcingOptions>(options =>
        {
            options.NewId = ids.Next;

            // A pause would wait for a clock that stands still.
            options.ConflictRetry = options.ConflictRetry with { FirstDelay = TimeSpan.Zero };
        });
        services.PostConfigure<PersonalDataOptions>(options => options.MasterKey ??= TestKeys.NewMaster());
        services.RemoveAll<TimeProvider>();
        services.AddSingleton<TimeProvider>(clock);
        services.TryAddSingleton<ILoggerFactory>(NullLoggerFactory.Instance);
        services.TryAddSingleton(typeof(ILogger<>), typeof(Logger<>));
        return services.BuildServiceProvider(validateScopes: true);
    }
}
