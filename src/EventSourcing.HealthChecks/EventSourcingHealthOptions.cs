using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace EventSourcing.HealthChecks;

/// <summary>What of projections and reactors is worth a word, and how bad it is. What has failed, stands still without having been
/// paused, or cannot be looked at always counts as the failure status of the check's registration.</summary>
public sealed class EventSourcingHealthOptions
{
    /// <summary>How long ago the first event may have been written that a projection or reactor does not show; above zero, 30 s by
    /// default. The same goes for an append that readers wait for.</summary>
    public TimeSpan MaxLag { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>What it counts as to be further behind than <see cref="MaxLag"/>; degraded by default.</summary>
    public HealthStatus LaggingStatus { get; set; } = HealthStatus.Degraded;

    /// <summary>How many dead letters one projection or reactor may have; 0 or more, 0 by default.</summary>
    public long MaxDeadLetters { get; set; }

    /// <summary>What it counts as to have more dead letters than <see cref="MaxDeadLetters"/>; degraded by default.</summary>
    public HealthStatus DeadLettersStatus { get; set; } = HealthStatus.Degraded;

    /// <summary>What it counts as to be paused; degraded by default.</summary>
    public HealthStatus PausedStatus { get; set; } = HealthStatus.Degraded;

    /// <summary>What a rebuild counts as that has failed or that nobody runs, while readers still see the read model before it; degraded
    /// by default.</summary>
    public HealthStatus FailedRebuildStatus { get; set; } = HealthStatus.Degraded;

    /// <summary>Which projections and reactors to look at, by their names; by default all of the application.</summary>
    public Predicate<string>? Consumers { get; set; }

    internal EventSourcingHealthOptions Validated()
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(MaxLag, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfNegative(MaxDeadLetters);
        ThrowIfNoStatus(LaggingStatus, nameof(LaggingStatus));
        ThrowIfNoStatus(DeadLettersStatus, nameof(DeadLettersStatus));
        ThrowIfNoStatus(PausedStatus, nameof(PausedStatus));
        ThrowIfNoStatus(FailedRebuildStatus, nameof(FailedRebuildStatus));
        return this;
    }

    private static void ThrowIfNoStatus(HealthStatus status, string name)
    {
        if (!Enum.IsDefined(status))
        {
            throw new ArgumentOutOfRangeException(name, status, "There is no such status.");
        }
    }
}
