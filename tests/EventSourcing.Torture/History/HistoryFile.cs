using System.Text.Json;

namespace EventSourcing.Torture;

/// <summary>Where one process writes down what it asks and what it is told.</summary>
internal sealed class HistoryFile(string path) : IDisposable
{
    private readonly LineFile file = new(path);

    public void Write(AppendBegun begun) => Write(new HistoryLine(begun, null));

    public void Write(AppendEnded ended) => Write(new HistoryLine(null, ended));

    public void Write(Looked looked) => Write(new HistoryLine(null, null, looked));

    public void Write(Queried queried) => Write(new HistoryLine(null, null, null, queried));

    public void Dispose() => file.Dispose();

    private void Write(HistoryLine line) => file.Write(JsonSerializer.Serialize(line));
}
