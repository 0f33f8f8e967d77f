using System.Text.Json;

namespace EventSourcing.Torture;

/// <summary>Where one process writes down what its readers were given.</summary>
internal sealed class ReadFile(string folder) : IDisposable
{
    private readonly Lock gate = new();
    private readonly FileStream file = new(
        Path.Combine(folder, $"{Guid.NewGuid():N}.reads"), FileMode.CreateNew, FileAccess.Write, FileShare.Read, bufferSize: 0);

    public static IReadOnlyList<ReadDone> ReadAll(string folder) =>
        [.. Directory.EnumerateFiles(folder, "*.reads").SelectMany(SeenFile.Lines).Select(line => JsonSerializer.Deserialize<ReadDone>(line)!)];

    public void Write(ReadDone read)
    {
        byte[] bytes = [.. JsonSerializer.SerializeToUtf8Bytes(read), (byte)'\n'];
        lock (gate)
        {
            file.Write(bytes);
        }
    }

    public void Dispose() => file.Dispose();
}
