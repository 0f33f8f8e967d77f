using Microsoft.Extensions.Logging;

namespace EventSourcing;

/// <summary>Runs one projection: follows the log, hands over pages, retries, gives up. Knows nothing of the others.</summary>
internal sealed class ProjectionLoop
{
    private readonly IEventStore store;
    private readonly EventSerializer serializer;
    private readonly IProjection projection;
    private readonly ProjectionRunnerOptions options;
    private readonly TimeProvider time;
    private readonly ILogger logger;
    private readonly ProjectionProgress progress;

    public ProjectionLoop(
        IEventStore store,
        EventSerializer serializer,
        IProjection projection,
        ProjectionRunnerOptions options,
        TimeProvider time,
        ILogger logger)
    {
        this.store = store;
        this.serializer = serializer;
        this.projection = projection;
        this.options = options;
        this.time = time;
        this.logger = logger;
        progress = new ProjectionProgress(projection.Name);
    }

    public ProjectionProgress Progress => progress;

    /// <summary>Runs until cancelled, or until the read model shows the log up to a position.</summary>
    /// <exception cref="ProjectionFailedException">The projection has given up.</exception>
    public async Task RunAsync(LogPosition? upTo, CancellationToken cancellationToken)
    {
        var failures = new FailureCount();
        progress.Started();
        try
        {
            while (true)
            {
                Exception failure;
                try
                {
                    await FollowAsync(failures, upTo, cancellationToken).ConfigureAwait(false);
                    return;
                }
                catch (Exception caught) when (caught is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
                {
                    failure = caught;
                }

                var pause = failures.Failed(failure, options);
                if (pause is null)
                {
                    Log.ProjectionStopped(logger, projection.Name, failure);
                    throw progress.Failed(new ProjectionFailedException(projection.Name, failure));
                }

                Log.ProjectionRetries(logger, projection.Name, pause.Value, failure);
                progress.Retrying(failure);
                await Task.Delay(pause.Value, time, cancellationToken).ConfigureAwait(false);
            }
        }
        finally
        {
            progress.Stopped();
        }
    }

    private async Task FollowAsync(FailureCount failures, LogPosition? upTo, CancellationToken cancellationToken)
    {
        var filter = Filter();
        var at = await projection.LoadCheckpointAsync(cancellationToken).ConfigureAwait(false);
        progress.Reached(at.Position, isLive: false);
        var pages = LogFollower.FollowAsync(
            store, at, filter, after => failures.PageSize(after, options.PageSize), upTo, cancellationToken);
        await foreach (var page in pages.ConfigureAwait(false))
        {
            var to = Checkpoint.After(page.ReadTo);
            if (to != at)
            {
                failures.Trying(page.ReadTo);
                var events = page.Events.Select(serializer.Deserialize).ToArray();
                await projection.ApplyAsync(new ProjectionPage(at, events, to), cancellationToken).ConfigureAwait(false);
                at = to;
            }

            failures.Succeeded();
            progress.Reached(at.Position, isLive: page.IsEnd);
        }
    }

    private EventFilter Filter()
    {
        if (projection.EventTypes.Count == 0)
        {
            return new EventFilter { Categories = projection.Categories };
        }

        var names = new List<string>();
        foreach (var declared in projection.EventTypes)
        {
            var known = serializer.Types.Types.Where(declared.IsAssignableFrom).Select(serializer.Types.NameOf).ToArray();
            if (known.Length == 0)
            {
                throw new InvalidOperationException(
                    $"Projection '{projection.Name}' handles {declared.FullName}, but no such event type is registered.");
            }

            names.AddRange(known);
        }

        return new EventFilter { Categories = projection.Categories, EventTypes = [.. names.Distinct(StringComparer.Ordinal)] };
    }
}
