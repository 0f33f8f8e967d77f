using System.Text.Json;

namespace EventSourcing.Torture;

/// <summary>Those of one process that fight with all others for few streams. Leaves how they fared in a file.</summary>
internal sealed class Contenders : IDisposable
{
    private readonly CancellationTokenSource stop = new();
    private readonly string path;
    private readonly Task<ContenderResult[]> fighting;

    public Contenders(RecordingAppender appender, RecordingReader reader, ChildOptions options)
    {
        path = Path.Combine(options.Folder, $"{Guid.NewGuid():N}.contenders");
        fighting = Task.WhenAll(Enumerable.Range(0, options.Contenders).Select(i => Task.Run(async () =>
        {
            var contender = new Contender(appender, reader, new Random((options.Seed * 37) + i), isOptimistic: i % 2 == 0, options.HasConditions);
            await contender.FightAsync(stop.Token);
            return contender.Result;
        })));
    }

    public static IEnumerable<ContenderResult> ResultsIn(string folder) => Directory.EnumerateFiles(folder, "*.contenders")
        .SelectMany(path => JsonSerializer.Deserialize<ContenderResult[]>(File.ReadAllText(path))!);

    /// <summary>Ends them; says how many decisions were stored.</summary>
    public async Task<long> StopAsync()
    {
        await stop.CancelAsync();
        var results = await fighting;
        await File.WriteAllTextAsync(path, JsonSerializer.Serialize(results));
        return results.Sum(result => result.Wins);
    }

    public void Dispose() => stop.Dispose();
}
