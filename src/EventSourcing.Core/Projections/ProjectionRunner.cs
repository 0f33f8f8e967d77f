using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace EventSourcing;

/// <summary>
/// Runs projections: each in a loop of its own, first through what is there, then live. A hosted service runs it in an
/// application with a host; elsewhere call <see cref="RunAsync"/> or <see cref="CatchUpAsync"/>.
/// </summary>
/// <remarks>
/// A projection that fails tries again with growing pauses and at last stops, loudly and alone: it is logged as
/// critical, its status is <see cref="ProjectionState.Failed"/>, and whoever waits for it gets
/// <see cref="ProjectionFailedException"/>. An unreachable store is waited for without end.
/// </remarks>
public sealed class ProjectionRunner
{
    private readonly IEventStore store;
    private readonly Dictionary<string, ProjectionLoop> loops = new(StringComparer.Ordinal);

    // The run under way; null where there is none. Completes when it has ended.
    private TaskCompletionSource? run;

    /// <summary>Makes a runner.</summary>
    /// <param name="store">Where events come from.</param>
    /// <param name="serializer">Turns bytes into events.</param>
    /// <param name="projections">The projections, each with a name of its own.</param>
    /// <param name="options">Page size and retries.</param>
    /// <param name="time">The clock for pauses; the system's by default.</param>
    /// <param name="logger">Where failures are logged; nowhere by default.</param>
    /// <exception cref="ArgumentException">Two projections share a name.</exception>
    public ProjectionRunner(
        IEventStore store,
        EventSerializer serializer,
        IEnumerable<IProjection> projections,
        ProjectionRunnerOptions? options = null,
        TimeProvider? time = null,
        ILogger<ProjectionRunner>? logger = null)
    {
        ArgumentNullException.ThrowIfNull(store);
        ArgumentNullException.ThrowIfNull(serializer);
        ArgumentNullException.ThrowIfNull(projections);
        this.store = store;
        foreach (var projection in projections)
        {
            var loop = new ProjectionLoop(
                store,
                serializer,
                projection,
                options ?? new ProjectionRunnerOptions(),
                time ?? TimeProvider.System,
                logger ?? NullLogger<ProjectionRunner>.Instance);
            if (!loops.TryAdd(projection.Name, loop))
            {
                throw new ArgumentException($"Two projections are named '{projection.Name}'.", nameof(projections));
            }
        }
    }

    /// <summary>How each projection stands.</summary>
    public IReadOnlyList<ProjectionStatus> GetStatus() => [.. loops.Values.Select(loop => loop.Progress.Status)];

    /// <summary>Runs all projections until cancelled; the others go on when one has failed.</summary>
    /// <param name="cancellationToken">Ends the run; the task then completes, normally where no projection has failed.</param>
    /// <exception cref="ProjectionFailedException">All have ended, and this one because of a failure.</exception>
    /// <exception cref="InvalidOperationException">The runner is running already.</exception>
    public async Task RunAsync(CancellationToken cancellationToken = default)
    {
        if (!await TryRunLoopsAsync(upTo: null, cancellationToken).ConfigureAwait(false))
        {
            throw new InvalidOperationException("The projections are running already.");
        }
    }

    /// <summary>
    /// Brings all projections up to what is the head of the log now, then returns. While another run is under way it waits
    /// for that one to come so far, and runs them itself if that ends before.
    /// </summary>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="ProjectionFailedException">A projection has given up.</exception>
    public async Task CatchUpAsync(CancellationToken cancellationToken = default)
    {
        var head = (await store.GetHeadAsync(cancellationToken).ConfigureAwait(false)).Final;
        while (!await TryRunLoopsAsync(head, cancellationToken).ConfigureAwait(false))
        {
            // The run of somebody else may end before it comes so far: then this one takes its turn.
            if (await PassesDuringRunAsync(head, cancellationToken).ConfigureAwait(false))
            {
                return;
            }
        }

        cancellationToken.ThrowIfCancellationRequested();
    }

    /// <summary>Completes when a projection's read model shows the log up to a position: read your own writes.</summary>
    /// <param name="projection">The projection's name.</param>
    /// <param name="position">The position, for instance <see cref="CommandResult.Position"/>.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="ArgumentException">There is no projection of this name.</exception>
    /// <exception cref="ProjectionFailedException">The projection has given up before.</exception>
    public Task WaitForAsync(string projection, LogPosition position, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(projection);
        return loops.TryGetValue(projection, out var loop)
            ? loop.Progress.WaitForAsync(position, cancellationToken)
            : throw new ArgumentException(
                $"There is no projection '{projection}'; there are: {string.Join(", ", loops.Keys)}.", nameof(projection));
    }

    /// <summary>Waits until all projections have passed a position, or the run under way has ended before.</summary>
    private async Task<bool> PassesDuringRunAsync(LogPosition position, CancellationToken cancellationToken)
    {
        if (Volatile.Read(ref run) is not { } current)
        {
            return false;
        }

        using var enough = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var passed = Task.WhenAll(loops.Values.Select(loop => loop.Progress.WaitForAsync(position, enough.Token)));
        await Task.WhenAny(passed, current.Task).ConfigureAwait(false);
        if (passed.IsCompleted)
        {
            await passed.ConfigureAwait(false);
            return true;
        }

        await enough.CancelAsync().ConfigureAwait(false);
        await passed.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return false;
    }

    /// <summary>Runs all loops; false where another run is under way.</summary>
    private async Task<bool> TryRunLoopsAsync(LogPosition? upTo, CancellationToken cancellationToken)
    {
        var mine = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        if (Interlocked.CompareExchange(ref run, mine, null) is not null)
        {
            return false;
        }

        try
        {
            // Each on the pool: a projection that works synchronously must not hold up the others.
            await Task
                .WhenAll(loops.Values.Select(loop => Task.Run(() => loop.RunAsync(upTo, cancellationToken), CancellationToken.None)))
                .ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The way to end a run.
        }
        finally
        {
            Volatile.Write(ref run, null);
            mine.SetResult();
        }

        return true;
    }
}
