using System.Diagnostics;
using EventSourcing.PostgreSql;
using Npgsql;

namespace EventSourcing.Torture;

/// <summary>The application itself keeps its pool's only connection for longer than the pool lets others wait.</summary>
internal static class HeldPoolRound
{
    private const int Callers = 20;
    private const int PoolSeconds = 1;

    public static async Task RunAsync(TortureRun run, CrowdedCluster cluster, int cycle)
    {
        await using var world = await World.CreateAsync(run, cluster.AdministratorString);
        await cluster.GrantAsync(world.SchemaName);
        await using var dataSource = NpgsqlDataSource.Create(
            new NpgsqlConnectionStringBuilder(cluster.ApplicationString) { MaxPoolSize = 1, Timeout = PoolSeconds }.ConnectionString);
        await using var store = new PostgreSqlEventStore(dataSource, new PostgreSqlOptions { Schema = world.SchemaName, MaxAttempts = 2 });
        using var history = new HistoryFile(Path.Combine(world.Folder, $"{Guid.NewGuid():N}.history"));
        var appender = new RecordingAppender(store, dataSource, history);
        var requests = new RequestMaker(run.RandomFor("held pool", cycle), new ChildOptions { Schema = world.SchemaName, Folder = world.Folder });
        await using (await dataSource.OpenConnectionAsync())
        {
            var since = Stopwatch.GetTimestamp();
            var answers = await AppendAllAsync();
            run.Figure("toldOfTheHeldPoolAfterSeconds", Math.Round(Stopwatch.GetElapsedTime(since).TotalSeconds, 1));
            foreach (var answer in answers)
            {
                run.Checked("appends without a pooled connection that were told so");

                // Nothing has reached the server: that is known, and callers are to know it.
                if (answer.Outcome != AppendOutcome.NotStored || answer.Error?.StartsWith(nameof(EventStoreUnavailableException), StringComparison.Ordinal) != true
                    || !answer.Error.Contains("pool", StringComparison.Ordinal))
                {
                    run.Violation($"An append without a pooled connection ended as {answer.Outcome}, and was told: {answer.Error}");
                }
            }
        }

        foreach (var answer in await AppendAllAsync())
        {
            run.Checked("appends as soon as the pool has its connection back");
            if (answer.Outcome is not (AppendOutcome.Stored or AppendOutcome.Conflict))
            {
                run.Violation($"The pool has its connection back, and an append ended as {answer.Outcome}: {answer.Error}");
            }
        }

        await world.CheckHistoryAsync();

        Task<AppendEnded[]> AppendAllAsync()
        {
            AppendRequest[] all = [.. Enumerable.Range(0, Callers).Select(_ => requests.Next())];
            return Task.WhenAll(all.Select(request => appender.AppendAsync(request, Guid.NewGuid())));
        }
    }
}
