namespace EventSourcing.Torture;

/// <summary>Sends commands through a repository, as long as it is let. What they decided on is checked in what they have stored.</summary>
internal static class Commands
{
    public static async Task RunAsync(Repository repository, Random random, CancellationToken stopping)
    {
        while (!stopping.IsCancellationRequested)
        {
            try
            {
                await repository.ExecuteAsync(Counter.Stream(random.Next(Counter.Streams)), Counter.Decider, random.Next(1, 3), cancellationToken: CancellationToken.None);
            }
            catch (Exception failure) when (failure is ConcurrencyConflictException or EventStoreUnavailableException or AppendOutcomeUnknownException)
            {
                // Documented: the caller decides anew, which is what happens here.
            }

            await Task.Delay(random.Next(40), CancellationToken.None);
        }
    }
}
