using System.Globalization;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace EventSourcing.HealthChecks;

/// <summary>What is to be said of how projections and reactors stand, and how bad the worst of it is.</summary>
internal sealed class HealthReading(EventSourcingHealthOptions options, HealthStatus failureStatus, DateTimeOffset now)
{
    private readonly List<string> words = [];
    private readonly Dictionary<string, object> data = new(StringComparer.Ordinal);
    private HealthStatus worst = HealthStatus.Healthy;

    public HealthCheckResult Read(IReadOnlyList<ConsumerStatus> statuses, IReadOnlyList<DeadLetterCount> letters)
    {
        if (statuses.SelectMany(status => status.WaitsFor).Distinct().ToArray() is { Length: > 0 } waitsFor)
        {
            ReadWait(waitsFor);
        }

        foreach (var status in statuses)
        {
            var parked = status.Role == ConsumerRole.Serving ? letters.FirstOrDefault(count => count.Consumer == status.Name) : null;
            Read(status, parked, isReplaced: statuses.Any(other =>
                other.Name == status.Name && other.Role == ConsumerRole.Building && other.Version > status.Version));
            data[NameOf(status)] = new ConsumerHealth
            {
                State = status.State.ToString(),
                Position = status.Position.Value,
                Lag = status.Lag,
                LagSeconds = status.LagTime.TotalSeconds,
                Owners = status.Owners,
                Error = FirstLine(status.Error),
                DeadLetters = parked?.Count ?? 0,
                OldestDeadLetterSeconds = parked is null ? 0 : Age(parked.OldestParkedAt).TotalSeconds,
            };
        }

        var description = words.Count > 0 ? string.Join("; ", words) : string.Create(CultureInfo.InvariantCulture, $"All {data.Count} follow the log.");
        return new HealthCheckResult(worst, description, data: data);
    }

    private void ReadWait(OpenAppend[] waitsFor)
    {
        data["waitsFor"] = waitsFor;
        foreach (var append in waitsFor.Where(append => append.Since is { } since && Age(since) > options.MaxLag))
        {
            Say(options.LaggingStatus, $"readers wait for an append of {append.Holder}, under way since {append.Since:u}");
        }
    }

    private void Read(ConsumerStatus status, DeadLetterCount? parked, bool isReplaced)
    {
        var isServing = status.Role == ConsumerRole.Serving;
        switch (status.State)
        {
            case ConsumerState.Failed:
                Say(isServing ? failureStatus : options.FailedRebuildStatus, $"{NameOf(status)} has failed: {FirstLine(status.Error)}");
                break;

            // When all processes know a newer version only, nobody can run what readers see until that is built.
            case ConsumerState.Stopped when !isReplaced:
                Say(isServing ? failureStatus : options.FailedRebuildStatus, $"{NameOf(status)} does not run");
                break;
            case ConsumerState.Paused:
                Say(options.PausedStatus, $"{NameOf(status)} is paused");
                break;
            default:
                // A rebuild is behind by its nature, and nobody reads it yet.
                if (isServing && status.LagTime > options.MaxLag)
                {
                    Say(options.LaggingStatus, $"{NameOf(status)} is {Seconds(status.LagTime)} behind, by {status.Lag} positions");
                }

                break;
        }

        if (parked is not null && parked.Count > options.MaxDeadLetters)
        {
            Say(options.DeadLettersStatus, $"{NameOf(status)} has {parked.Count} dead letters, the oldest for {Seconds(Age(parked.OldestParkedAt))}");
        }
    }

    private void Say(HealthStatus status, FormattableString what)
    {
        if (status != HealthStatus.Healthy)
        {
            words.Add(what.ToString(CultureInfo.InvariantCulture));
        }

        worst = status < worst ? status : worst;
    }

    private static string NameOf(ConsumerStatus status) => status.Role == ConsumerRole.Serving ? status.Name : $"{status.Name} (building)";

    // The rest is a stack trace, which is for logs and not for whoever may ask.
    private static string? FirstLine(string? error) => error?.Split('\n', 2)[0].TrimEnd('\r');

    private static string Seconds(TimeSpan time) => string.Create(CultureInfo.InvariantCulture, $"{time.TotalSeconds:0} s");

    // The store's clock and this one may differ a little.
    private TimeSpan Age(DateTimeOffset since) => now > since ? now - since : TimeSpan.Zero;
}
