using System.Text.Json;

namespace EventSourcing.Torture;

/// <summary>Where one process writes down what its readers were given.</summary>
internal sealed class ReadFile(string folder) : IDisposable
{
    private readonly LineFile file = new(Path.Combine(folder, $"{Guid.NewGuid():N}.reads"));

    public static IReadOnlyList<ReadDone> ReadAll(string folder) =>
        [.. Directory.EnumerateFiles(folder, "*.reads").SelectMany(LineFile.Lines).Select(line => JsonSerializer.Deserialize<ReadDone>(line)!)];

    public void Write(ReadDone read) => file.Write(JsonSerializer.Serialize(read));

    public void Dispose() => file.Dispose();
}
