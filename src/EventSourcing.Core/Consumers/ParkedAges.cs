namespace EventSourcing;

/// <summary>Looks now and then how long the dead letters of what runs here have been waiting, where somebody listens to that figure.</summary>
internal sealed class ParkedAges(IDeadLetterStore? letters, TimeProvider time)
{
    // They wait for people: nobody needs to know sooner.
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(10);

    private long? lookedAt;

    public async Task LookAsync(IEnumerable<RunningConsumer> running, CancellationToken cancellationToken)
    {
        if (letters is null || !ConsumerMetrics.IsParkedAgeWatched || (lookedAt is { } before && time.GetElapsedTime(before) < LookEvery))
        {
            return;
        }

        lookedAt = time.GetTimestamp();
        var counts = await letters.CountAsync(cancellationToken).ConfigureAwait(false);
        foreach (var one in running)
        {
            one.ParkedSince = counts.FirstOrDefault(count => count.Consumer == one.Work.Name)?.OldestParkedAt;
        }
    }
}
