using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace EventSourcing;

/// <summary>
/// Runs projections: each in a loop of its own, first through what is there, then live. A hosted service runs it in an
/// application with a host; elsewhere call <see cref="RunAsync"/> or <see cref="CatchUpAsync"/>.
/// </summary>
/// <remarks>
/// <para>Of the processes that share a store, exactly one runs each projection, or each shard of it. They spread the work
/// evenly, and take over from one another: at once where a process ends in order, within
/// <see cref="ConsumerOptions.LeaseTime"/> and a little where it dies.</para>
/// <para>A projection that fails tries again with growing pauses and at last stops, loudly and alone: it is logged as
/// critical, its status is <see cref="ConsumerState.Failed"/>, and whoever waits for it gets
/// <see cref="ConsumerFailedException"/>. An unreachable store is waited for without end.</para>
/// </remarks>
public sealed class ProjectionRunner
{
    private readonly IEventStore store;
    private readonly ConsumerHost host;
    private readonly ConsumerControl control;
    private readonly LiveViews live;
    private readonly IDeadLetterStore? letters;
    private readonly EventSerializer serializer;
    private readonly Dictionary<string, IProjection> projections;

    /// <summary>Makes a runner.</summary>
    /// <param name="store">Where events come from.</param>
    /// <param name="serializer">Turns bytes into events.</param>
    /// <param name="projections">The projections, each with a name of its own.</param>
    /// <param name="options">Page size, retries, lease time.</param>
    /// <param name="consumers">What processes agree on; may be null where every projection lives in this process alone.</param>
    /// <param name="letters">The events that were given up; may be null where none is parked.</param>
    /// <param name="time">The clock for pauses; the system's by default.</param>
    /// <param name="logger">Where failures are logged; nowhere by default.</param>
    /// <exception cref="ArgumentException">Two projections share a name, or one is shared and there is no consumer store.</exception>
    public ProjectionRunner(
        IEventStore store,
        EventSerializer serializer,
        IEnumerable<IProjection> projections,
        ConsumerOptions? options = null,
        IConsumerStore? consumers = null,
        IDeadLetterStore? letters = null,
        TimeProvider? time = null,
        ILogger<ProjectionRunner>? logger = null)
    {
        ArgumentNullException.ThrowIfNull(store);
        ArgumentNullException.ThrowIfNull(serializer);
        ArgumentNullException.ThrowIfNull(projections);
        this.store = store;
        options ??= new ConsumerOptions();
        time ??= TimeProvider.System;
        ILogger log = logger ?? NullLogger<ProjectionRunner>.Instance;
        this.letters = letters;
        this.serializer = serializer;
        live = new LiveViews(store, serializer);
        var all = projections.ToArray();
        var works = all.Select(projection => new ProjectionWork(store, serializer, projection, consumers, options, time, log));
        host = new ConsumerHost(consumers, letters, works, options, time, log);
        control = new ConsumerControl(store, consumers, host, time);
        this.projections = all.ToDictionary(projection => projection.Name, StringComparer.Ordinal);
    }

    /// <summary>How each projection stands, in whatever process it runs; also what is being built beside the one that serves.</summary>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="EventStoreUnavailableException">The store cannot be reached.</exception>
    public Task<IReadOnlyList<ConsumerStatus>> GetStatusAsync(CancellationToken cancellationToken = default) =>
        control.GetStatusAsync(cancellationToken);

    /// <summary>Runs until cancelled; the others go on when one has failed.</summary>
    /// <param name="cancellationToken">Ends the run; the task then completes, normally where no projection has failed here.</param>
    /// <exception cref="ConsumerFailedException">The run has been ended, and this one had failed.</exception>
    /// <exception cref="InvalidOperationException">The runner is running already.</exception>
    public Task RunAsync(CancellationToken cancellationToken = default) => ConsumerRun.RunAsync(host, "projections", cancellationToken);

    /// <summary>
    /// Brings all projections up to what is the head of the log now, then returns. While another run is under way, here or in
    /// another process, it waits for that one to come so far, and runs them itself if that ends before.
    /// </summary>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="ConsumerFailedException">A projection has given up.</exception>
    public Task CatchUpAsync(CancellationToken cancellationToken = default) =>
        ConsumerRun.CatchUpAsync(store, host, control, cancellationToken);

    /// <summary>Completes when a projection's read model shows the log up to a position: read your own writes.</summary>
    /// <param name="projection">The projection's name.</param>
    /// <param name="position">The position, for instance <see cref="CommandResult.Position"/>.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="ArgumentException">There is no projection of this name.</exception>
    /// <exception cref="ConsumerFailedException">The projection has given up before.</exception>
    public Task WaitForAsync(string projection, LogPosition position, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(projection);
        return control.WaitForAsync(projection, position, cancellationToken);
    }

    /// <summary>Pauses a projection, in whatever process it runs, until it is resumed; also over restarts; appends do not apply it
    /// either. Completes when it stands still.</summary>
    /// <param name="projection">The projection's name.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <exception cref="ArgumentException">There is no projection of this name.</exception>
    /// <exception cref="InvalidOperationException">The projection lives in this process alone.</exception>
    public Task PauseAsync(string projection, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(projection);
        return control.PauseAsync(projection, cancellationToken);
    }

    /// <summary>Lets a projection go on that was paused, or starts it again where it has stopped at a failure.</summary>
    /// <param name="projection">The projection's name.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <exception cref="ArgumentException">There is no projection of this name.</exception>
    /// <exception cref="InvalidOperationException">The projection lives in this process alone.</exception>
    public Task ResumeAsync(string projection, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(projection);
        return control.ResumeAsync(projection, cancellationToken);
    }

    /// <summary>
    /// Has a read model built anew from the whole log, beside the one that serves readers, which it replaces when it has caught
    /// up. Returns when that has been decided; <see cref="GetStatusAsync"/> tells how far it is. One that was interrupted goes on
    /// by itself.
    /// </summary>
    /// <param name="projection">The projection's name.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="ArgumentException">There is no projection of this name.</exception>
    /// <exception cref="InvalidOperationException">The projection lives in this process alone.</exception>
    public Task RebuildAsync(string projection, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(projection);
        return control.RebuildAsync(projection, cancellationToken);
    }

    /// <summary>Builds one view of a projection anew from the log, in the read model that serves readers. The projection stands still
    /// meanwhile; for views made from several streams that is as long as it takes to read the log.</summary>
    /// <param name="projection">The projection's name.</param>
    /// <param name="key">The view's key.</param>
    /// <param name="cancellationToken">Gives up; the view is as it was then.</param>
    /// <exception cref="ArgumentException">There is no projection of this name, or no view can have the key.</exception>
    /// <exception cref="InvalidOperationException">The projection has no views by key, or has not begun yet, or serves in another version.</exception>
    public async Task RebuildAsync(string projection, string key, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(projection);
        ViewKey.ThrowIfInvalid(key);
        _ = host.WorkOf(projection);
        if (projections[projection] is not IKeyedProjection keyed)
        {
            throw new InvalidOperationException($"'{projection}' has no views by key.");
        }

        await control.ThrowIfOtherVersionServesAsync(projection, projections[projection].Version, cancellationToken).ConfigureAwait(false);
        await keyed.RebuildAsync(key, live, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>The events that a projection has given up on and gone past, in position order.</summary>
    /// <param name="projection">The projection's name.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="ArgumentException">There is no projection of this name.</exception>
    public Task<IReadOnlyList<DeadLetter>> ListDeadLettersAsync(string projection, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(projection);
        _ = host.WorkOf(projection);
        return Letters.ListAsync(projection, cancellationToken);
    }

    /// <summary>
    /// Has a read model show the event of a dead letter after all, and removes the letter. Views by key are each folded anew from the
    /// log, so that the order is right; a free projection applies the event now, after those that came later.
    /// </summary>
    /// <param name="letter">The dead letter.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>False where somebody else has removed it meanwhile.</returns>
    /// <exception cref="ArgumentException">There is no projection of its consumer's name.</exception>
    /// <exception cref="EventHandlingException">The handler failed again; the letter stays as it is.</exception>
    /// <exception cref="InvalidOperationException">The projection cannot do that or serves in another version, or the log does not hold the event.</exception>
    public async Task<bool> RetryDeadLetterAsync(DeadLetter letter, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(letter);
        _ = host.WorkOf(letter.Consumer);
        var events = await DeadLetterEvents.FindAsync(store, serializer, letter, cancellationToken).ConfigureAwait(false);
        var projection = projections[letter.Consumer];
        await control.ThrowIfOtherVersionServesAsync(projection.Name, projection.Version, cancellationToken).ConfigureAwait(false);
        if (projection is not IKeyedProjection keyed)
        {
            return await projection.RetryAsync(letter, events, cancellationToken).ConfigureAwait(false);
        }

        foreach (var key in events.SelectMany(keyed.KeysOf).Distinct(StringComparer.Ordinal))
        {
            await keyed.RebuildAsync(key, live, cancellationToken).ConfigureAwait(false);
        }

        return await Letters.RemoveAsync(letter.Consumer, letter.Position, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Drops a dead letter: the read model will not show its event, until it is rebuilt.</summary>
    /// <param name="letter">The dead letter.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>Whether it was there.</returns>
    public Task<bool> DiscardDeadLetterAsync(DeadLetter letter, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(letter);
        return Letters.RemoveAsync(letter.Consumer, letter.Position, cancellationToken);
    }

    private IDeadLetterStore Letters => letters ?? throw new InvalidOperationException("The runner was made without a dead letter store.");
}
