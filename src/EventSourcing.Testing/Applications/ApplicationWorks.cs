using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace EventSourcing.Testing;

/// <summary>The parts that an application runs, in the order in which they take their turns: projections first, so that whoever comes
/// later finds them up to date.</summary>
internal sealed class ApplicationWorks
{
    private readonly IServiceProvider services;
    private readonly TestClock clock;
    private readonly EventSourcingOptions options;
    private readonly IEventStore store;
    private readonly EventSerializer serializer;
    private readonly IConsumerStore consumers;
    private readonly IReactorStore state;
    private readonly Reactor[] reactors;
    private readonly HashSet<Guid> told = [];

    public ApplicationWorks(IServiceProvider services, TestClock clock)
    {
        this.services = services;
        this.clock = clock;
        options = services.GetRequiredService<IOptions<EventSourcingOptions>>().Value;
        store = services.GetRequiredService<IEventStore>();
        serializer = services.GetRequiredService<EventSerializer>();
        consumers = services.GetRequiredService<IConsumerStore>();
        state = services.GetRequiredService<IReactorStore>();
        reactors = [.. services.GetServices<Reactor>()];
        var projections = services.GetServices<IProjection>().Select(Projection);
        var translators = services.GetServices<MessageTranslator>().ToArray();
        All =
        [
            .. projections.OrderBy(work => work.Leased.Name, StringComparer.Ordinal),
            .. reactors.Select(Of),
            .. translators.Select(Of),
            .. translators.Length > 0 ? (ApplicationWork[])[Relay()] : [],
        ];
    }

    public IReadOnlyList<ApplicationWork> All { get; }

    /// <summary>What has happened last that does not show in the log, for who asks why there is no end.</summary>
    public string LastDone { get; private set; } = string.Empty;

    /// <summary>When the next message is due; null where none waits. What is overdue was not to be delivered.</summary>
    public async Task<DateTimeOffset?> NextDueAsync(CancellationToken cancellationToken)
    {
        DateTimeOffset? next = null;
        foreach (var reactor in reactors)
        {
            foreach (var message in await state.ListMessagesAsync(reactor.Name, cancellationToken).ConfigureAwait(false))
            {
                if (message.ParkedAt is null && message.DueAt > clock.GetUtcNow() && !(message.DueAt >= next))
                {
                    next = message.DueAt;
                }
            }
        }

        return next;
    }

    private ApplicationWork Projection(IProjection projection)
    {
        var logger = services.GetRequiredService<ILogger<ProjectionRunner>>();
        var work = new ProjectionWork(store, serializer, projection, consumers, options.Projections, clock, logger);
        return new ApplicationWork(work, async (lease, token) =>
        {
            var hasChanged = false;
            await FollowAsync(projection, work.Kind, options.Projections, logger, lease, async () => hasChanged = projection is IInlineProjection inline
                ? await inline.TryGoInlineAsync(lease, token).ConfigureAwait(false)
                : lease.Role == ConsumerRole.Building
                    && await consumers.TryPromoteAsync(lease.Key.Consumer, lease.Key.Generation, token).ConfigureAwait(false), token).ConfigureAwait(false);
            return hasChanged;
        });
    }

    private ApplicationWork Of(Reactor reactor)
    {
        var logger = services.GetRequiredService<ILogger<ReactorRunner>>();
        var effects = new ReactorEffects(reactor, store, serializer, services.GetRequiredService<ICommandDispatcher>(), clock);
        return new ApplicationWork(new ReactorWork(store, serializer, reactor, effects, state, options.Reactors, clock, logger), async (lease, token) =>
        {
            using var turn = new SemaphoreSlim(1);
            using (var metrics = ConsumerMetrics.Of(lease, ConsumerMetrics.Reactor, clock))
            {
                var consumer = new ReactorConsumer(reactor, effects, state, turn, metrics);
                await FollowAsync(consumer, ConsumerMetrics.Reactor, options.Reactors, logger, lease, () => Task.CompletedTask, token, isByEvent: true).ConfigureAwait(false);
            }

            return reactor.Messages.EventTypes.Count > 0 && await DeliverAsync(reactor, effects, logger, lease, turn, token).ConfigureAwait(false);
        });
    }

    private ApplicationWork Of(MessageTranslator translator)
    {
        var logger = services.GetRequiredService<ILogger<PublicMessageRunner>>();
        var consumer = new TranslatorConsumer(translator, services.GetRequiredService<IOutbox>(), new OutboxSignal());
        return new ApplicationWork(new TranslatorWork(store, serializer, consumer, options.Messages, clock, logger), async (lease, token) =>
        {
            await FollowAsync(consumer, ConsumerMetrics.Translator, options.Messages, logger, lease, () => Task.CompletedTask, token).ConfigureAwait(false);
            return false;
        });
    }

    private ApplicationWork Relay()
    {
        var outbox = services.GetRequiredService<IOutbox>();
        var publisher = services.GetRequiredService<IMessagePublisher>();
        var logger = services.GetRequiredService<ILogger<PublicMessageRunner>>();
        RelayWork Work(TimeProvider time) => new(outbox, publisher, new OutboxSignal(), Patiently(options.Messages), time, logger);
        return new ApplicationWork(Work(clock), async (lease, token) =>
        {
            var hasDone = false;
            await WithoutPausesAsync(PublicMessageRunner.RelayName, async (time, progress, enough) =>
            {
                var work = Work(time);
                var failures = new RelayFailures(Patiently(options.Messages));
                using var metrics = ConsumerMetrics.Of(lease, ConsumerMetrics.Relay, clock);
                while (await work.RelayNextAsync(lease, progress, metrics, failures, enough).ConfigureAwait(false))
                {
                    hasDone = true;
                }
            }, token).ConfigureAwait(false);
            return hasDone;
        });
    }

    /// <summary>Applies what is there, up to the end of the log.</summary>
    private Task FollowAsync(
        IEventConsumer consumer,
        string kind,
        ConsumerOptions options,
        ILogger logger,
        ConsumerLease lease,
        Func<Task> atEnd,
        CancellationToken cancellationToken,
        bool isByEvent = false) => WithoutPausesAsync(consumer.Name, async (time, progress, enough) =>
        {
            using var metrics = ConsumerMetrics.Of(lease, kind, clock);
            var loop = new ConsumerLoop(store, serializer, consumer, Patiently(options), time, logger, lease, progress)
            {
                Metrics = metrics,
                IsWatchedByPage = !isByEvent,
                AfterPage = async isEnd =>
                {
                    if (isEnd)
                    {
                        await atEnd().ConfigureAwait(false);
                    }

                    return isEnd;
                },
            };
            await loop.RunAsync(enough).ConfigureAwait(false);
        }, cancellationToken);

    /// <summary>Delivers one message, if one is due: what follows from it comes before the next one.</summary>
    private async Task<bool> DeliverAsync(
        Reactor reactor, ReactorEffects effects, ILogger logger, ConsumerLease lease, SemaphoreSlim turn, CancellationToken cancellationToken)
    {
        var isDelivered = false;
        await WithoutPausesAsync(reactor.Name, async (impatience, progress, enough) =>
        {
            // A pause would be kept with the message, by the clock that stands still.
            var atOnce = options.Reactors with { FirstRetryDelay = TimeSpan.Zero };
            using var metrics = ConsumerMetrics.Of(lease, ConsumerMetrics.Reactor, clock);
            var loop = new MessageLoop(reactor, effects, state, turn, atOnce, impatience, logger, lease, metrics);
            while (true)
            {
                try
                {
                    isDelivered = await loop.DeliverNextAsync(enough).ConfigureAwait(false) <= TimeSpan.Zero;
                    return;
                }
                catch (Exception failure) when (failure is not (LeaseLostException or OperationCanceledException))
                {
                    // It passes by itself, as the application's options say.
                    progress.Retrying(failure);
                    impatience.Pause();
                    enough.ThrowIfCancellationRequested();
                }
            }
        }, cancellationToken).ConfigureAwait(false);
        if (isDelivered)
        {
            LastDone = $"The last message was delivered to '{reactor.Name}'.";
            await ThrowIfParkedAsync(reactor, cancellationToken).ConfigureAwait(false);
        }

        return isDelivered;
    }

    /// <summary>Messages are always parked; who has not asked for that is to see it.</summary>
    private async Task ThrowIfParkedAsync(Reactor reactor, CancellationToken cancellationToken)
    {
        if (options.Reactors.OnPoison == PoisonAction.Park)
        {
            return;
        }

        var messages = await state.ListMessagesAsync(reactor.Name, cancellationToken).ConfigureAwait(false);
        if (messages.FirstOrDefault(message => message.ParkedAt is not null && told.Add(message.Id)) is { } parked)
        {
            throw new ConsumerFailedException(
                reactor.Name, new InvalidOperationException($"message '{parked.Type}' was parked after {parked.Attempts} attempts: {parked.Error}"));
        }
    }

    /// <summary>With pauses that are long enough to be noticed, and skipped, by the clock of <see cref="WithoutPausesAsync"/>.</summary>
    private static ConsumerOptions Patiently(ConsumerOptions options) =>
        options with { FirstRetryDelay = TimeSpan.FromHours(1), LongestRetryDelay = TimeSpan.FromHours(1) };

    private static async Task WithoutPausesAsync(
        string name, Func<Impatience, ConsumerProgress, CancellationToken, Task> run, CancellationToken cancellationToken)
    {
        var progress = new ConsumerProgress();
        using var impatience = new Impatience();
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, impatience.Over);
        try
        {
            await run(impatience, progress, enough.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (impatience.Over.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw new ConsumerFailedException(
                name, progress.Error ?? new TimeoutException("What is to pass by itself does not."));
        }
    }
}
