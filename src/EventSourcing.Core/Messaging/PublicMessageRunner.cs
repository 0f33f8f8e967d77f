using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace EventSourcing;

/// <summary>
/// Tells other systems: runs the translators, each from its checkpoint, and the relay that hands what they have written to the
/// broker. A hosted service runs it in an application with a host; elsewhere call <see cref="RunAsync"/>.
/// </summary>
/// <remarks>
/// <para>At least once, and in order: messages are written with the translator's checkpoint in one transaction, and removed when
/// the broker has taken responsibility. What is published twice, after a crash in between, has the same id. The messages of one
/// stream by one translator go out in the order of its events.</para>
/// <para>Of the processes that share a store, exactly one relays, and exactly one runs each translator, or each shard of it. They
/// take over from one another: at once where a process ends in order, within <see cref="ConsumerOptions.LeaseTime"/> and a little
/// where it dies.</para>
/// <para>A broker that is away is waited for without end. A message that it refuses for its own sake is tried
/// <see cref="ConsumerOptions.MaxAttempts"/> times; then the relay stops, loudly, or parks the message, as
/// <see cref="ConsumerOptions.OnPoison"/> says.</para>
/// </remarks>
public sealed class PublicMessageRunner
{
    /// <summary>The name of the relay, for <see cref="PauseAsync"/> and <see cref="ResumeAsync"/>: <c>message-relay</c>.</summary>
    public const string RelayName = "message-relay";

    private static readonly TimeSpan ShortestPoll = TimeSpan.FromMilliseconds(5);
    private static readonly TimeSpan LongestPoll = TimeSpan.FromMilliseconds(100);

    private readonly IOutbox outbox;
    private readonly IConsumerStore consumers;
    private readonly OutboxSignal signal = new();
    private readonly ConsumerHost host;
    private readonly ConsumerControl control;
    private readonly TimeProvider time;
    private readonly TenantName? tenant;

    /// <summary>Makes a runner.</summary>
    /// <param name="store">Where events come from.</param>
    /// <param name="serializer">Turns bytes into events.</param>
    /// <param name="translators">The translators, each with a name of its own; none for a process that only relays.</param>
    /// <param name="outbox">Where messages wait, beside the store.</param>
    /// <param name="publisher">The broker.</param>
    /// <param name="consumers">What processes agree on.</param>
    /// <param name="options">Sizes, retries, lease time.</param>
    /// <param name="time">The clock for pauses; the system's by default.</param>
    /// <param name="logger">Where failures are logged; nowhere by default.</param>
    /// <exception cref="ArgumentException">Two translators share a name, or one has no handler.</exception>
    public PublicMessageRunner(
        IEventStore store,
        EventSerializer serializer,
        IEnumerable<MessageTranslator> translators,
        IOutbox outbox,
        IMessagePublisher publisher,
        IConsumerStore consumers,
        ConsumerOptions? options = null,
        TimeProvider? time = null,
        ILogger<PublicMessageRunner>? logger = null)
    {
        ArgumentNullException.ThrowIfNull(store);
        ArgumentNullException.ThrowIfNull(serializer);
        ArgumentNullException.ThrowIfNull(translators);
        ArgumentNullException.ThrowIfNull(outbox);
        ArgumentNullException.ThrowIfNull(publisher);
        ArgumentNullException.ThrowIfNull(consumers);
        this.outbox = outbox;
        this.consumers = consumers;
        this.time = time ?? TimeProvider.System;
        options ??= new ConsumerOptions();
        tenant = options.Tenant;
        ILogger log = logger ?? NullLogger<PublicMessageRunner>.Instance;
        var works = translators.Select(translator => (ILeasedWork)new TranslatorWork(
            store, serializer, new TranslatorConsumer(translator, outbox, signal), options, this.time, log));
        host = new ConsumerHost(
            consumers, letters: null, works.Append(new RelayWork(outbox, publisher, signal, options, this.time, log)), options, this.time, log);
        control = new ConsumerControl(store, consumers, host, this.time);
    }

    /// <summary>How translators, outbox and relay stand, in whatever processes they run.</summary>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="EventStoreUnavailableException">The store cannot be reached.</exception>
    public async Task<PublicMessageStatus> GetStatusAsync(CancellationToken cancellationToken = default)
    {
        var all = await control.GetStatusAsync(cancellationToken).ConfigureAwait(false);
        var backlog = await outbox.ReadBacklogAsync(cancellationToken).ConfigureAwait(false);
        var relay = all.FirstOrDefault(one => one.Name == RelayName);
        return new PublicMessageStatus
        {
            Translators = [.. all.Where(one => one.Name != RelayName)],
            Relay = relay?.State ?? ConsumerState.Stopped,
            RelayOwner = relay?.Owners is [var owner, ..] ? owner : null,
            RelayError = relay?.Error,
            Backlog = backlog.Waiting,
            BacklogAge = backlog.Age,
            Parked = backlog.Parked,
        };
    }

    /// <summary>Runs until cancelled; the others go on when one has failed.</summary>
    /// <param name="cancellationToken">Ends the run; the task then completes, normally where nothing has failed here.</param>
    /// <exception cref="ConsumerFailedException">The run has been ended, and this one had failed.</exception>
    /// <exception cref="InvalidOperationException">The runner is running already.</exception>
    public async Task RunAsync(CancellationToken cancellationToken = default)
    {
        using var gauge = new OutboxGauge(outbox, time, tenant);
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var watching = gauge.WatchAsync(ended.Token);
        try
        {
            if (!await host.TryRunAsync(cancellationToken).ConfigureAwait(false))
            {
                throw new InvalidOperationException("The public messages are running already.");
            }
        }
        finally
        {
            await ended.CancelAsync().ConfigureAwait(false);
            await watching.ConfigureAwait(false);
        }

        if (host.Failure is { } failure)
        {
            throw failure;
        }
    }

    /// <summary>Completes when all that is to be told of the log up to a position has been handed to the broker, or parked.</summary>
    /// <param name="position">The position, for instance <see cref="CommandResult.Position"/>.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="ConsumerFailedException">A translator or the relay has given up before.</exception>
    /// <exception cref="EventStoreUnavailableException">The store cannot be reached.</exception>
    public async Task WaitForAsync(LogPosition position, CancellationToken cancellationToken = default)
    {
        foreach (var translator in host.Names.Where(name => name != RelayName))
        {
            await control.WaitForAsync(translator, position, cancellationToken).ConfigureAwait(false);
        }

        var backlog = await outbox.ReadBacklogAsync(cancellationToken).ConfigureAwait(false);
        var last = backlog.Last;
        var pause = ShortestPoll;
        while (backlog.First > 0 && backlog.First <= last)
        {
            await ThrowIfRelayHasFailedAsync(cancellationToken).ConfigureAwait(false);
            await Task.Delay(pause, time, cancellationToken).ConfigureAwait(false);
            pause = pause * 2 < LongestPoll ? pause * 2 : LongestPoll;
            backlog = await outbox.ReadBacklogAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Pauses a translator or the relay, in whatever process it runs, until it is resumed; also over restarts. Completes when it
    /// stands still.</summary>
    /// <param name="name">The translator's name, or <see cref="RelayName"/>.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <exception cref="ArgumentException">There is nothing of this name.</exception>
    public Task PauseAsync(string name, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(name);
        return control.PauseAsync(name, cancellationToken);
    }

    /// <summary>Lets a translator or the relay go on that was paused, or starts it again where it has stopped at a failure.</summary>
    /// <param name="name">The translator's name, or <see cref="RelayName"/>.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <exception cref="ArgumentException">There is nothing of this name.</exception>
    public Task ResumeAsync(string name, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(name);
        return control.ResumeAsync(name, cancellationToken);
    }

    /// <summary>The messages that the broker kept refusing, oldest first.</summary>
    /// <param name="count">The most to give; 100 by default.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="ArgumentOutOfRangeException">The count is less than 1.</exception>
    /// <exception cref="EventStoreUnavailableException">The store cannot be reached.</exception>
    public Task<IReadOnlyList<ParkedMessage>> ReadParkedAsync(int count = 100, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        return outbox.ReadParkedAsync(count, cancellationToken);
    }

    /// <summary>Has a parked message published after all: as the next one, for it is the oldest.</summary>
    /// <param name="messageId">The message.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>False where no such message is parked.</returns>
    /// <exception cref="EventStoreUnavailableException">The store cannot be reached.</exception>
    public async Task<bool> RetryAsync(Guid messageId, CancellationToken cancellationToken = default)
    {
        var isFound = await outbox.SettleParkedAsync(messageId, isDiscarded: false, cancellationToken).ConfigureAwait(false);
        signal.Raise();
        return isFound;
    }

    /// <summary>Removes a parked message: nobody is told.</summary>
    /// <param name="messageId">The message.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>False where no such message is parked.</returns>
    /// <exception cref="EventStoreUnavailableException">The store cannot be reached.</exception>
    public Task<bool> DiscardAsync(Guid messageId, CancellationToken cancellationToken = default) =>
        outbox.SettleParkedAsync(messageId, isDiscarded: true, cancellationToken);

    private async Task ThrowIfRelayHasFailedAsync(CancellationToken cancellationToken)
    {
        var rows = (await consumers.ReadAsync(RelayName, cancellationToken).ConfigureAwait(false)).Rows;
        if (rows.FirstOrDefault(row => row is { State: ConsumerState.Failed, IsHeld: true }) is { } failed)
        {
            throw new ConsumerFailedException(RelayName, new InvalidOperationException(failed.Error));
        }
    }
}
