using System.Diagnostics;

namespace EventSourcing.Torture;

/// <summary>Many writers of many processes fight for few streams and tags, and all that they were told fits into one order.</summary>
internal static class Contention
{
    private const int Processes = 8;
    private const int Contenders = 3;
    private const int EnoughWins = 20;

    /// <summary>Longer than any lock is held, any statement may take, and all attempts together.</summary>
    private static readonly TimeSpan LongestAppend = TimeSpan.FromSeconds(30);

    /// <summary>Subscribers hear of an append at once, and look for themselves ten times a second.</summary>
    private static readonly TimeSpan LongestSilence = TimeSpan.FromSeconds(10);

    public static async Task RunAsync(TortureRun run)
    {
        await using var world = await World.CreateAsync(run);
        var random = run.RandomFor("contenders");
        await Task.WhenAll(Enumerable.Range(0, Processes).Select(i => world.StartAsync(
            version: 0, seed: random.Next(), subscriber: i < 2 ? $"subscriber-{i}" : null,
            configure: options => options with { Contenders = Contenders, HasConditions = i % 2 == 0 })));

        using var over = run.Begin();
        var since = Stopwatch.GetTimestamp();
        await Task.Delay(Timeout.Infinite, over.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await world.EndLoadAsync();
        var took = Stopwatch.GetElapsedTime(since);

        // No wake-up is lost: who waits at the end of the log is there soon after the last append.
        run.Figure("subscribersSawTheEndAfterMs", Math.Round((await world.WaitForSubscribersAsync(LongestSilence)).TotalMilliseconds));
        await world.CheckHistoryAsync();
        var history = History.Read(world.Folder);
        await DecisionCheck.CheckAsync(run, world.DataSource, world.SchemaName);
        var (log, index) = await TaggedEvent.ReadAllAsync(world.DataSource, world.SchemaName);
        new BoundaryCheck(run, history, log, index).Check();
        CheckFairness(run, [.. Torture.Contenders.ResultsIn(world.Folder)]);
        CheckTimes(run, history, took);
        run.Figure("deadlocks", await DeadlocksAsync(world));
    }

    /// <summary>Appends lock in one order for everybody: they never meet each other so. For people; the server gets over one.</summary>
    private static async Task<long> DeadlocksAsync(World world)
    {
        await using var command = world.DataSource.CreateCommand("select deadlocks from pg_stat_database where datname = current_database()");
        return (long)(await command.ExecuteScalarAsync())!;
    }

    /// <summary>Jittered pauses let everybody have a turn: nobody wins next to nothing where others win much.</summary>
    private static void CheckFairness(TortureRun run, ContenderResult[] results)
    {
        foreach (var wrong in results.SelectMany(result => result.Wrong))
        {
            run.Violation(wrong);
        }

        run.Checked("contenders that had their share", results.Length);
        var wins = results.Select(result => result.Wins).Order().ToArray();
        var median = wins[wins.Length / 2];
        run.Figure("wins", new { least = wins[0], median, most = wins[^1] });
        run.Figure("givenUpByTheRepository", results.Sum(result => result.GivenUp));
        run.Figure("mostAttemptsForOneDecision", results.Max(result => result.MostAttempts));
        if (results.Length != Processes * Contenders || median == 0)
        {
            run.Violation($"Of {Processes * Contenders} contenders {results.Length} have told how they fared, and the one in the middle has won {median} times.");
        }

        // Of a few wins on a busy machine nothing follows.
        run.Figure("isFairnessJudged", median >= EnoughWins);
        if (median >= EnoughWins && wins[0] * 10 < median)
        {
            run.Violation($"One contender has won {wins[0]} times, the one in the middle {median} times: it starves.");
        }

        // Ten beginnings of a bounded number of attempts each: that many losses in a row are no chance.
        if (results.Max(result => result.MostAttempts) > 10 * new ConflictRetryOptions().MaxAttempts)
        {
            run.Violation($"One decision took {results.Max(result => result.MostAttempts)} attempts.");
        }
    }

    private static void CheckTimes(TortureRun run, History history, TimeSpan took)
    {
        var times = history.Attempts.Where(attempt => attempt.Ended is not null)
            .Select(attempt => Stopwatch.GetElapsedTime(attempt.Begun.At, attempt.Ended!.At).TotalMilliseconds).Order().ToArray();
        run.Checked("attempts that ended in time", times.Length);
        run.Figure("attemptMs", new { p50 = At(0.5), p99 = At(0.99), most = At(1) });
        run.Figure("attemptsASecond", Math.Round(times.Length / took.TotalSeconds));
        if (times[^1] > LongestAppend.TotalMilliseconds)
        {
            run.Violation($"An append took {times[^1] / 1000:0.0} s.");
        }

        if (history.Attempts.Count(attempt => attempt.Ended is null) is > 0 and var open)
        {
            run.Violation($"{open} appends never ended.");
        }

        double At(double share) => Math.Round(times[(int)((times.Length - 1) * share)], 1);
    }
}
