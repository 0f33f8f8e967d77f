using System.Text.Json;

namespace EventSourcing.Torture;

/// <summary>Where one process writes down what it asks and what it is told, each line before it goes on: a process that is killed
/// leaves a whole history, except perhaps for the end of its last line.</summary>
internal sealed class HistoryFile(string path) : IDisposable
{
    private readonly Lock gate = new();

    // Without a buffer: what is written is the system's, and outlives the process.
    private readonly FileStream file = new(path, FileMode.CreateNew, FileAccess.Write, FileShare.Read, bufferSize: 0);

    public void Write(AppendBegun begun) => Write(new HistoryLine(begun, null));

    public void Write(AppendEnded ended) => Write(new HistoryLine(null, ended));

    public void Write(Looked looked) => Write(new HistoryLine(null, null, looked));

    public void Dispose() => file.Dispose();

    private void Write(HistoryLine line)
    {
        byte[] bytes = [.. JsonSerializer.SerializeToUtf8Bytes(line), (byte)'\n'];
        lock (gate)
        {
            file.Write(bytes);
        }
    }
}
