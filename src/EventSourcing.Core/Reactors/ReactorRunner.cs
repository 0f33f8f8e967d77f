using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace EventSourcing;

/// <summary>
/// Runs reactors: each shard in exactly one of the processes that share a store, which take over from one another. A hosted
/// service runs it in an application with a host; elsewhere call <see cref="RunAsync"/> or <see cref="CatchUpAsync"/>.
/// </summary>
/// <remarks>A reactor that fails tries again with growing pauses, and at last stops or parks the event, as <see cref="ConsumerOptions.OnPoison"/>
/// says. An unreachable store is waited for without end.</remarks>
public sealed class ReactorRunner
{
    private readonly IEventStore store;
    private readonly IReactorStore state;
    private readonly IDeadLetterStore letters;
    private readonly ILogger logger;
    private readonly ConsumerHost host;
    private readonly ConsumerControl control;

    /// <summary>Makes a runner.</summary>
    /// <param name="store">Where events come from.</param>
    /// <param name="serializer">Turns bytes into events and messages.</param>
    /// <param name="reactors">The reactors, each with a name of its own.</param>
    /// <param name="state">Receipts and messages.</param>
    /// <param name="consumers">What processes agree on.</param>
    /// <param name="letters">The events that were given up.</param>
    /// <param name="commands">Takes the commands that reactors send; may be null where none does.</param>
    /// <param name="options">Page size, retries, lease time.</param>
    /// <param name="time">The clock for pauses and for what reactors schedule; the system's by default.</param>
    /// <param name="logger">Where failures are logged; nowhere by default.</param>
    /// <exception cref="ArgumentException">Two reactors share a name, or one declares no handler of an event.</exception>
    public ReactorRunner(
        IEventStore store,
        EventSerializer serializer,
        IEnumerable<Reactor> reactors,
        IReactorStore state,
        IConsumerStore consumers,
        IDeadLetterStore letters,
        ICommandDispatcher? commands = null,
        ConsumerOptions? options = null,
        TimeProvider? time = null,
        ILogger<ReactorRunner>? logger = null)
    {
        ArgumentNullException.ThrowIfNull(store);
        ArgumentNullException.ThrowIfNull(serializer);
        ArgumentNullException.ThrowIfNull(reactors);
        ArgumentNullException.ThrowIfNull(state);
        ArgumentNullException.ThrowIfNull(consumers);
        ArgumentNullException.ThrowIfNull(letters);
        this.store = store;
        this.state = state;
        this.letters = letters;
        this.logger = logger ?? (ILogger)NullLogger<ReactorRunner>.Instance;
        options ??= new ConsumerOptions();
        var clock = time ?? TimeProvider.System;
        host = new ConsumerHost(consumers, letters, reactors.Select(WorkOf), options, clock, this.logger);
        control = new ConsumerControl(store, consumers, host, clock);

        ILeasedWork WorkOf(Reactor reactor)
        {
            if (reactor.Events.EventTypes.Count == 0)
            {
                throw new ArgumentException($"Reactor '{reactor.Name}' declares no handler of an event.", nameof(reactors));
            }

            var effects = new ReactorEffects(reactor, store, serializer, commands, clock);
            return new ReactorWork(store, serializer, reactor, effects, state, options, clock, this.logger);
        }
    }

    /// <summary>How each reactor stands, in whatever process it runs. Its position is the one of the shard that is farthest behind.</summary>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="EventStoreUnavailableException">The store cannot be reached.</exception>
    public Task<IReadOnlyList<ConsumerStatus>> GetStatusAsync(CancellationToken cancellationToken = default) =>
        control.GetStatusAsync(cancellationToken);

    /// <summary>Runs until cancelled; the others go on when one has failed.</summary>
    /// <param name="cancellationToken">Ends the run, when the effect under way has been handled.</param>
    /// <exception cref="ConsumerFailedException">The run has been ended, and this one had failed.</exception>
    /// <exception cref="InvalidOperationException">The runner is running already.</exception>
    public Task RunAsync(CancellationToken cancellationToken = default) => ConsumerRun.RunAsync(host, "reactors", cancellationToken);

    /// <summary>Brings all reactors up to what is the head of the log now, then returns; scheduled messages are not waited for. While
    /// another run is under way, here or in another process, it waits for that one to come so far.</summary>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="ConsumerFailedException">A reactor has given up.</exception>
    public Task CatchUpAsync(CancellationToken cancellationToken = default) =>
        ConsumerRun.CatchUpAsync(store, host, control, cancellationToken);

    /// <summary>Completes when a reactor has handled the log up to a position.</summary>
    /// <param name="reactor">The reactor's name.</param>
    /// <param name="position">The position, for instance <see cref="CommandResult.Position"/>.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="ArgumentException">There is no reactor of this name.</exception>
    /// <exception cref="ConsumerFailedException">The reactor has given up before.</exception>
    public Task WaitForAsync(string reactor, LogPosition position, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(reactor);
        return control.WaitForAsync(reactor, position, cancellationToken);
    }

    /// <summary>Pauses a reactor and its messages, in whatever process it runs, until it is resumed; also over restarts. Completes when it
    /// stands still.</summary>
    /// <param name="reactor">The reactor's name.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <exception cref="ArgumentException">There is no reactor of this name.</exception>
    public Task PauseAsync(string reactor, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(reactor);
        return control.PauseAsync(reactor, cancellationToken);
    }

    /// <summary>Lets a reactor go on that was paused, or starts it again where it has stopped at a failure.</summary>
    /// <param name="reactor">The reactor's name.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <exception cref="ArgumentException">There is no reactor of this name.</exception>
    public Task ResumeAsync(string reactor, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(reactor);
        return control.ResumeAsync(reactor, cancellationToken);
    }

    /// <summary>
    /// Has a reactor run its effects again, for every event after a position: <b>mails are sent again, payments are ordered
    /// again</b>, except where the receiver remembers the idempotency keys, which are the same. Its receipts, dead letters and
    /// scheduled messages of these events are forgotten first. Nothing else ever moves a reactor back.
    /// </summary>
    /// <param name="reactor">The reactor's name.</param>
    /// <param name="fromPosition">The position after which events are handled again; a shard that has not come so far goes on where it is.</param>
    /// <param name="cancellationToken">Gives up; nothing is changed then.</param>
    /// <exception cref="ArgumentException">There is no reactor of this name.</exception>
    /// <exception cref="InvalidOperationException">The reactor has never run.</exception>
    public async Task RunEffectsAgainAsync(string reactor, LogPosition fromPosition, CancellationToken cancellationToken = default)
    {
        _ = Work(reactor);
        if (!await state.ResetAsync(reactor, fromPosition, cancellationToken).ConfigureAwait(false))
        {
            throw new InvalidOperationException($"Reactor '{reactor}' has never run: there is nothing to run again.");
        }

        Log.EffectsAgain(logger, reactor, fromPosition);
        host.BeatSoon();
    }

    /// <summary>The events that a reactor has given up on and gone past, in position order.</summary>
    /// <param name="reactor">The reactor's name.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="ArgumentException">There is no reactor of this name.</exception>
    public Task<IReadOnlyList<DeadLetter>> ListDeadLettersAsync(string reactor, CancellationToken cancellationToken = default)
    {
        _ = Work(reactor);
        return letters.ListAsync(reactor, cancellationToken);
    }

    /// <summary>
    /// Handles the event of a dead letter now, in this process and with the same idempotency key, then removes the letter and stores the
    /// receipt. The letter stays as it is where the handler fails.
    /// </summary>
    /// <remarks>Later events of its stream have been handled meanwhile. Of two who do this at the same time both run the effect.</remarks>
    /// <param name="letter">The dead letter.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>False where somebody else has removed it meanwhile; what the handler scheduled is not kept then.</returns>
    /// <exception cref="ArgumentException">There is no reactor of its consumer's name.</exception>
    /// <exception cref="EventHandlingException">The handler failed again.</exception>
    /// <exception cref="InvalidOperationException">The log does not hold the event.</exception>
    public async Task<bool> RetryDeadLetterAsync(DeadLetter letter, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(letter);
        var effects = Work(letter.Consumer).Effects;
        var events = await effects.FindAsync(letter, cancellationToken).ConfigureAwait(false);
        var outcome = await effects.HandleAsync(letter.EventId, letter.Position, events, cancellationToken).ConfigureAwait(false);
        return await state.SettleDeadLetterAsync(letter, outcome, CancellationToken.None).ConfigureAwait(false);
    }

    /// <summary>Drops a dead letter: its event will not be handled.</summary>
    /// <param name="letter">The dead letter.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>Whether it was there.</returns>
    public Task<bool> DiscardDeadLetterAsync(DeadLetter letter, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(letter);
        return letters.RemoveAsync(letter.Consumer, letter.Position, cancellationToken);
    }

    /// <summary>The messages that a reactor has scheduled: those to be delivered, and those that are parked after too many failures.</summary>
    /// <param name="reactor">The reactor's name.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The messages in the order in which they are due.</returns>
    /// <exception cref="ArgumentException">There is no reactor of this name.</exception>
    public Task<IReadOnlyList<ScheduledMessage>> ListMessagesAsync(string reactor, CancellationToken cancellationToken = default)
    {
        _ = Work(reactor);
        return state.ListMessagesAsync(reactor, cancellationToken);
    }

    /// <summary>Has a parked message delivered again, within about a second, by the process that runs its shard.</summary>
    /// <param name="message">The message.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>Whether it was there and parked.</returns>
    public Task<bool> RetryMessageAsync(ScheduledMessage message, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(message);
        return state.RetryMessageAsync(message.Reactor, message.Id, cancellationToken);
    }

    /// <summary>Drops a message, parked or not.</summary>
    /// <param name="message">The message.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>Whether it was there.</returns>
    public Task<bool> DiscardMessageAsync(ScheduledMessage message, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(message);
        return state.RemoveMessageAsync(message.Reactor, message.Id, cancellationToken);
    }

    private ReactorWork Work(string reactor)
    {
        ArgumentNullException.ThrowIfNull(reactor);
        return (ReactorWork)host.WorkOf(reactor);
    }
}
