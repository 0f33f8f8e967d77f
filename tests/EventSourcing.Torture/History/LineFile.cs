using System.Text;

namespace EventSourcing.Torture;

/// <summary>A file to which one process writes line by line, each before it goes on: one that is killed leaves them all, except
/// perhaps for the end of the last.</summary>
internal sealed class LineFile(string path) : IDisposable
{
    private readonly Lock gate = new();

    // Without a buffer: what is written is the system's, and outlives the process.
    private readonly FileStream file = new(path, FileMode.CreateNew, FileAccess.Write, FileShare.Read, bufferSize: 0);

    /// <summary>The whole lines of a file that may still be written.</summary>
    public static string[] Lines(string path)
    {
        if (!File.Exists(path))
        {
            return [];
        }

        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        using var reader = new StreamReader(file);
        var text = reader.ReadToEnd();
        return text[..(text.LastIndexOf('\n') + 1)].Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }

    public void Write(string line)
    {
        var bytes = Encoding.UTF8.GetBytes(line + "\n");
        lock (gate)
        {
            file.Write(bytes);
        }
    }

    public void Dispose() => file.Dispose();
}
