using Npgsql;
using System.Text.Json;

namespace EventSourcing.Torture;

/// <summary>What was read, decided and appended through the repository was decided on all that stands before it in its stream.</summary>
internal static class DecisionCheck
{
    public static async Task CheckAsync(TortureRun run, NpgsqlDataSource dataSource, string schema)
    {
        var states = new Dictionary<string, (long Count, long Sum)>(StringComparer.Ordinal);
        await using var command = dataSource.CreateCommand($"select stream_name, version, data::text from {schema}.events order by position");
        await using var rows = await command.ExecuteReaderAsync();
        while (await rows.ReadAsync())
        {
            var decided = JsonSerializer.Deserialize<Decided>(rows.GetString(2), JsonSerializerOptions.Web)!;
            Check(run, states, rows.GetString(0), rows.GetInt64(1), decided);
        }
    }

    public static void Check(TortureRun run, Dictionary<string, (long Count, long Sum)> states, string stream, long version, Decided decided)
    {
        var before = states.GetValueOrDefault(stream);
        if (decided.Count >= 0)
        {
            run.Checked("decisions on the latest state");
            if ((decided.Count, decided.Sum) != before)
            {
                run.Violation($"Version {version} of {stream} was decided on {decided.Count} events with sum {decided.Sum}; before it stand {before.Count} with {before.Sum}.");
            }
        }

        states[stream] = (before.Count + 1, before.Sum + decided.Amount);
    }
}
