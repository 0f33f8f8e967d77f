using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace EventSourcing.HealthChecks;

/// <summary>Asks the runners how projections and reactors stand, in whatever process they run.</summary>
internal sealed class EventSourcingHealthCheck(IServiceProvider services, EventSourcingHealthOptions options) : IHealthCheck
{
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var failureStatus = context.Registration.FailureStatus;
        try
        {
            // What takes too long is the caller's to tell: the token is the check's timeout, too.
            var statuses = await StatusesAsync(cancellationToken).ConfigureAwait(false);
            var letters = services.GetService<IDeadLetterStore>() is { } store
                ? await store.CountAsync(cancellationToken).ConfigureAwait(false)
                : [];
            var time = services.GetService<TimeProvider>() ?? TimeProvider.System;
            return new HealthReading(options, failureStatus, time.GetUtcNow()).Read(
                [.. statuses.Where(status => options.Consumers?.Invoke(status.Name) != false)], letters);
        }
        catch (EventStoreUnavailableException unreachable)
        {
            return new HealthCheckResult(failureStatus, "The event store cannot be reached.", unreachable);
        }
    }

    private async Task<IReadOnlyList<ConsumerStatus>> StatusesAsync(CancellationToken cancellationToken)
    {
        // Also without any projection: it asks the store where the log ends.
        var found = await services.GetRequiredService<ProjectionRunner>().GetStatusAsync(cancellationToken).ConfigureAwait(false);
        var names = services.GetServices<IProjection>().Select(projection => projection.Name).ToList();

        // Without reactors their runner need not be there: not every adapter keeps what it asks for.
        if (services.GetServices<Reactor>().Select(reactor => reactor.Name).ToArray() is { Length: > 0 } reactors)
        {
            found = [.. found, .. await services.GetRequiredService<ReactorRunner>().GetStatusAsync(cancellationToken).ConfigureAwait(false)];
            names.AddRange(reactors);
        }

        // What has never run has no status.
        return [.. found, .. names.Except(found.Select(status => status.Name)).Select(name => new ConsumerStatus { Name = name })];
    }
}
