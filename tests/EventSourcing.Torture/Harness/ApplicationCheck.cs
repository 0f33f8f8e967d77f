using Npgsql;

namespace EventSourcing.Torture;

/// <summary>What whole applications have done beside storing events: effects, messages, decisions. Nobody appends any more.</summary>
internal static class ApplicationCheck
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    /// <summary>Waits until appends apply the inline projection, which takes a moment without them.</summary>
    public static Task UntilInlineAsync(World world) => world.UntilAsync(
        "appends apply the inline projection", board => board.Rows.Any(row => row.Key.Consumer == Inlined.Table && row.IsInline), Patience * 3);

    /// <summary>Waits until all is done that is to be done, and compares it with the log.</summary>
    /// <param name="world">The world.</param>
    /// <param name="end">Its log at the end.</param>
    /// <param name="faults">How many times something was broken that repeats an effect.</param>
    public static async Task RunAsync(World world, Snapshot end, int faults)
    {
        var head = (await world.Store.GetHeadAsync()).Highest;
        await world.UntilAsync(
            "reactor and translator have come to the end of the log",
            board => new[] { Echo.ReactorName, Tell.TranslatorName }.All(name => board.Rows.Any(row => row.Key.Consumer == name))
                && board.Rows.Where(row => row.Key.Consumer is Echo.ReactorName or Tell.TranslatorName).All(row => row.Position >= head),
            Patience);
        await EmptyAsync(world, "outbox");
        await EmptyAsync(world, "scheduled_messages");
        await EmptyAsync(world, "dead_letters");
        if (!end.Inline.Contains(Inlined.Table))
        {
            world.Run.Violation("The inline projection has not become one.");
        }

        // Each member, by each fault; and by each take-over, which a machine that is too slow brings about by itself.
        var takeOvers = (await world.BoardAsync()).Rows.Where(row => row.Key.Consumer == Echo.ReactorName).Sum(row => row.Epoch);
        EffectCheck.Check(world.Run, world.Folder, end.Log, (faults * Echo.Members) + takeOvers);
        CommandCheck.Check(world.Run, end.Log);
        await PublishedCheck.CheckAsync(world.Run, world.Folder, world.Store);
    }

    private static async Task EmptyAsync(World world, string table)
    {
        var rows = -1L;
        for (var until = DateTime.UtcNow + Patience; rows != 0 && DateTime.UtcNow < until;)
        {
            await using var command = world.DataSource.CreateCommand($"select count(*) from {world.SchemaName}.{table}");
            rows = (long)(await command.ExecuteScalarAsync())!;
            await Task.Delay(rows == 0 ? 0 : 50);
        }

        if (rows != 0)
        {
            world.Run.Violation($"{rows} rows are left in {table} after {Patience.TotalSeconds} s.");
        }
    }
}
