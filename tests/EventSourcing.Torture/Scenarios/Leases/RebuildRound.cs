using System.Diagnostics;
using EventSourcing.PostgreSql;

namespace EventSourcing.Torture;

/// <summary>A new version is built beside the old one, while events are appended and readers read; its process is killed in the middle.</summary>
internal static class RebuildRound
{
    public static async Task RunAsync(World world, Random random, int eventsPerStream)
    {
        await Parallel.ForEachAsync(Log(random, eventsPerStream), async (part, _) => await world.AppendAsync(new AppendRequest(part)));
        var old = new[] { await world.StartAsync(seed: random.Next()), await world.StartAsync(seed: random.Next()) };
        await world.CheckAtHeadAsync();
        foreach (var child in old)
        {
            await child.TellAsync("load 1");
        }

        using var stop = new CancellationTokenSource();
        var reading = ReadAsync(world, stop.Token);
        var since = Stopwatch.GetTimestamp();
        var next = await world.StartAsync(version: 2);
        await world.UntilAsync("the new version of free SQL is under way", board => Built(board) > 500, TimeSpan.FromSeconds(30));
        await next.KillAsync();
        var reached = Built(await world.BoardAsync());
        await world.StartAsync(version: 2);
        await world.UntilAsync(
            "the new version has taken the place of the old one",
            board => Built(board) < reached && board.Rows.Any(row => row.Key.Consumer == "sums" && row.Role == ConsumerRole.Building)
                ? throw new ProofFailedException($"It stood at {reached} and begins again at {Built(board)}.")
                : Projections.Names.All(name => board.Rows.Any(row => row.Key.Consumer == name && row is { Role: ConsumerRole.Serving, Version: 2 })),
            TimeSpan.FromSeconds(60));
        var took = Stopwatch.GetElapsedTime(since);
        await Task.Delay(500, CancellationToken.None);
        await stop.CancelAsync();
        var reads = await reading;
        var end = await world.QuiesceAsync();
        if (end.Serving.Any(row => row.Version != 2) || end.Views.Values.SelectMany(views => views.Values).Any(view => view.Version != 2))
        {
            throw new ProofFailedException("Something of the old version is left.");
        }

        world.Say($"rebuild: {end.Log.Count} events, killed at position {reached} and went on there, replaced after {took.TotalSeconds:0.0} s, {reads} reads saw a whole read model");
    }

    private static long Built(ConsumerBoard board) =>
        board.Rows.FirstOrDefault(row => row.Key.Consumer == "sums" && row.Role == ConsumerRole.Building)?.Position.Value ?? 0;

    /// <summary>Reads as readers do: no view that is there for good may be missing for a moment.</summary>
    private static async Task<int> ReadAsync(World world, CancellationToken stopping)
    {
        const int Least = Accounts.Count - Accounts.Closable;
        var reads = 0;
        var balances = new PostgreSqlViewStore(world.Store, Projections.Serializer).Open(new Balances(1));
        while (!stopping.IsCancellationRequested)
        {
            await using var command = world.DataSource.CreateCommand(
                $"select (select count(*) from {world.SchemaName}_balances.views), (select count(*) from {world.SchemaName}_sums.sums)");
            await using (var rows = await command.ExecuteReaderAsync(CancellationToken.None))
            {
                await rows.ReadAsync(CancellationToken.None);
                Expect("counted in SQL", rows.GetInt64(0));
                Expect("counted in free SQL", rows.GetInt64(1));
            }

            Expect("read one after the other", await balances.ReadAllAsync(CancellationToken.None).CountAsync(CancellationToken.None));
            var key = Accounts.Stream(Accounts.Closable + (reads % Least)).Value;
            _ = await balances.FindAsync(key, CancellationToken.None) ?? throw new ProofFailedException($"'{key}' is not found for a moment.");
            reads++;
            await Task.Delay(2, CancellationToken.None);
        }

        return reads;

        static void Expect(string how, long count)
        {
            if (count < Least)
            {
                throw new ProofFailedException($"A reader saw {count} views, {how}, where there are never less than {Least}.");
            }
        }
    }

    private static List<StreamAppend> Log(Random random, int eventsPerStream) => [.. Enumerable.Range(0, Accounts.Count).Select(number => new StreamAppend(
        Accounts.Stream(number),
        ExpectedVersion.NoStream,
        [.. Enumerable.Range(0, eventsPerStream).Select(i => Projections.Serializer.Serialize(new Moved(random.Next(-500, 500), [$"label-{i % 20}"])))]))];
}
