namespace EventSourcing;

/// <summary>Recently used streams, bounded by count and bytes; the least recently used go first.</summary>
internal sealed class StreamCache(StreamCacheOptions options)
{
    private readonly Lock gate = new();
    private readonly Dictionary<Key, LinkedListNode<Entry>> entries = [];
    private readonly LinkedList<Entry> byUse = [];
    private long bytes;

    public StreamCacheOptions Options { get; } = options;

    /// <summary>What is kept of a stream. Whoever uses it puts it back, or what has become of it, which counts as the use.</summary>
    public CachedStream? Find(StreamName stream, string? snapshots)
    {
        lock (gate)
        {
            return entries.TryGetValue(new Key(stream, snapshots), out var node) ? node.Value.Cached : null;
        }
    }

    /// <summary>Keeps what is known of a stream, unless more is known already.</summary>
    public void Put(StreamName stream, string? snapshots, CachedStream cached)
    {
        var key = new Key(stream, snapshots);
        lock (gate)
        {
            if (entries.TryGetValue(key, out var node))
            {
                if (node.Value.Cached.Version > cached.Version)
                {
                    return;
                }

                Drop(node);
            }

            entries[key] = byUse.AddFirst(new Entry(key, cached));
            bytes += cached.Bytes;
            while (entries.Count > Options.MaxStreams || (bytes > Options.MaxBytes && byUse.Last is not null))
            {
                Drop(byUse.Last!);
            }
        }
    }

    public void Remove(StreamName stream, string? snapshots)
    {
        lock (gate)
        {
            if (entries.TryGetValue(new Key(stream, snapshots), out var node))
            {
                Drop(node);
            }
        }
    }

    public void Clear()
    {
        lock (gate)
        {
            entries.Clear();
            byUse.Clear();
            bytes = 0;
        }
    }

    private void Drop(LinkedListNode<Entry> node)
    {
        byUse.Remove(node);
        entries.Remove(node.Value.Key);
        bytes -= node.Value.Cached.Bytes;
    }

    // Folds that begin at a snapshot know another part of the stream than those that begin at its start.
    private readonly record struct Key(StreamName Stream, string? Snapshots);

    private sealed record Entry(Key Key, CachedStream Cached);
}
