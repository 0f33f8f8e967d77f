using EventSourcing.HealthChecks;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>The health of projections and reactors in an application.</summary>
public static class EventSourcingHealthChecksBuilderExtensions
{
    private static readonly TimeSpan DefaultTimeout = TimeSpan.FromSeconds(10);

    /// <summary>
    /// Adds a check of how the application's projections and reactors stand, in whatever process they run: whether they have
    /// failed or stand still, how far they are behind, and whether they have dead letters. The report's data has an entry of
    /// <see cref="ConsumerHealth"/> for each, under its name; what is being built beside what serves has one of its own. Where
    /// readers wait for appends, those are listed under <c>waitsFor</c>.
    /// </summary>
    /// <remarks>What it says is true of all processes that share the store, and no restart heals it: it is for alarms, not for
    /// what restarts a process or takes it out of service.</remarks>
    /// <param name="builder">The health checks.</param>
    /// <param name="configure">Changes thresholds, and how bad what is.</param>
    /// <param name="name">The check's name.</param>
    /// <param name="failureStatus">What it counts as when one has failed or stands still, or the store cannot be reached; unhealthy
    /// by default.</param>
    /// <param name="tags">The check's tags; none by default.</param>
    /// <param name="timeout">After what time the check is given up, as failed; 10 s by default.</param>
    /// <returns>The health checks.</returns>
    /// <exception cref="ArgumentException">An option is not valid.</exception>
    public static IHealthChecksBuilder AddEventSourcing(
        this IHealthChecksBuilder builder,
        Action<EventSourcingHealthOptions>? configure = null,
        string name = "eventsourcing",
        HealthStatus? failureStatus = null,
        IEnumerable<string>? tags = null,
        TimeSpan? timeout = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentException.ThrowIfNullOrEmpty(name);
        var options = new EventSourcingHealthOptions();
        configure?.Invoke(options);
        options.Validated();
        return builder.Add(new HealthCheckRegistration(
            name, services => new EventSourcingHealthCheck(services, options), failureStatus, tags, timeout ?? DefaultTimeout));
    }
}
