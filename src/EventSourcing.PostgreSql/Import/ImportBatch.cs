namespace EventSourcing.PostgreSql;

/// <summary>Parts of an import that are stored together, in their order; where a stream comes again, it goes on from there.</summary>
internal sealed class ImportBatch
{
    /// <summary>A transaction that holds the append lock makes every reader behind its positions wait: not for long.</summary>
    public const int MaxEvents = 10_000;

    public const long MaxBytes = 16 * 1024 * 1024;

    private readonly Dictionary<StreamName, ImportStream> streams = [];
    private long bytes;

    public List<(StreamAppend Part, ImportStream Stream)> Parts { get; } = [];

    public IReadOnlyCollection<ImportStream> Streams => streams.Values;

    public int Events { get; private set; }

    /// <summary>Takes a part; false where it has to wait for the next batch.</summary>
    public bool TryAdd(StreamAppend part)
    {
        var size = part.Events.Sum(data => (long)data.Data.Length + data.Metadata.Length);
        if (Parts.Count > 0 && (Events + part.Events.Count > MaxEvents || bytes + size > MaxBytes))
        {
            return false;
        }

        if (!streams.TryGetValue(part.Stream, out var stream))
        {
            streams[part.Stream] = stream = new ImportStream(part.Stream, part.Expected.Version.Value);
        }
        else if (stream.To != part.Expected.Version.Value)
        {
            // Not where this batch would leave the stream: compared with what is stored then.
            return false;
        }

        stream.To = part.Expected.Version.Value + part.Events.Count;
        Parts.Add((part, stream));
        Events += part.Events.Count;
        bytes += size;
        return true;
    }
}
