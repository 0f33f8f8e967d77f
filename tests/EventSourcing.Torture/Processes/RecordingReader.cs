using System.Diagnostics;

namespace EventSourcing.Torture;

/// <summary>Looks where streams and the log end and what concerns a decision, and writes down what was seen.</summary>
internal sealed class RecordingReader(IEventStore store, HistoryFile history)
{
    private readonly string by = Guid.NewGuid().ToString("N");

    public async Task<long> LookAtStreamAsync(StreamName stream)
    {
        var begun = Stopwatch.GetTimestamp();
        var (version, position) = (0L, 0L);
        var last = new StreamReadOptions { Direction = ReadDirection.Backwards, MaxCount = 1 };
        await foreach (var recorded in store.ReadStreamAsync(stream, last))
        {
            (version, position) = (recorded.Version.Value, recorded.Position.Value);
        }

        history.Write(new Looked(by, begun, Stopwatch.GetTimestamp(), stream.Value, version, position, Final: 0));
        return version;
    }

    public async Task LookAtLogAsync()
    {
        var begun = Stopwatch.GetTimestamp();
        var head = await store.GetHeadAsync();
        history.Write(new Looked(by, begun, Stopwatch.GetTimestamp(), null, 0, head.Highest.Value, head.Final.Value));
    }

    /// <summary>Reads what an append is decided by.</summary>
    public async Task<AppendCondition> DecideAsync(EventQuery query, Guid append)
    {
        var read = await store.QueryAsync(query);
        history.Write(Queried.Of(query, read, append));
        return new AppendCondition(query, read.Point);
    }
}
