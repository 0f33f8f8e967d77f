using System.Diagnostics;

namespace EventSourcing.Torture;

/// <summary>How far subscribers have come.</summary>
internal static class SubscriberWait
{
    /// <summary>Waits until subscribers have seen the event at a position; tells how long it took.</summary>
    /// <param name="world">Where they are.</param>
    /// <param name="position">The position.</param>
    /// <param name="limit">How long it may take.</param>
    /// <param name="since">From when on.</param>
    /// <param name="names">How their names begin; by default all.</param>
    public static async Task<TimeSpan> UntilSeenAsync(this World world, LogPosition position, TimeSpan limit, long since, string names = "")
    {
        while (Directory.GetFiles(world.Folder, $"{names}*.seen").FirstOrDefault(path => SeenFile.LastOf(path) < position.Value) is { } behind)
        {
            if (Stopwatch.GetElapsedTime(since) > limit)
            {
                throw new ProofFailedException(
                    $"After {limit.TotalSeconds:0.0} s {Path.GetFileName(behind)} has not seen {position}, but {SeenFile.LastOf(behind)}.\n{world.Complaints()}");
            }

            await Task.Delay(20);
        }

        return Stopwatch.GetElapsedTime(since);
    }
}
