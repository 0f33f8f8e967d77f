namespace EventSourcing.PostgreSql;

/// <summary>The appends that wait for a lane, and which of them may go together. Used under its owner's lock.</summary>
internal sealed class AppendBacklog
{
    private const int MaxBatchAppends = 256;
    private const int MaxBatchEvents = 2_000;
    private const long MaxBatchBytes = 4 * 1024 * 1024;

    private Queue<WaitingAppend> waiting = new();

    public int Count => waiting.Count;

    public void Enqueue(WaitingAppend append) => waiting.Enqueue(append);

    /// <summary>
    /// Takes what may go together: each stream once, none in a boundary of which another excludes it, and so many appends, events,
    /// bytes and boundaries. The others keep their order; those whose callers have given up are dropped.
    /// </summary>
    /// <param name="taken">How many have left, dropped ones included.</param>
    public List<WaitingAppend> TakeBatch(out int taken)
    {
        var before = waiting.Count;
        var batch = new List<WaitingAppend>(Math.Min(before, MaxBatchAppends));
        var streams = new HashSet<StreamName>();
        var boundaries = new HashSet<int>();
        Queue<WaitingAppend>? others = null;
        var events = 0;
        long bytes = 0;
        while (batch.Count < MaxBatchAppends && waiting.TryPeek(out var next))
        {
            if (batch.Count > 0 && (events + next.Part.Events.Count > MaxBatchEvents || bytes + next.Bytes > MaxBatchBytes))
            {
                break;
            }

            waiting.Dequeue();
            if (next.IsAbandoned)
            {
                continue;
            }

            if (!streams.Contains(next.Part.Stream) && (batch.Count == 0 || MayShare(boundaries, next.Keys)))
            {
                streams.Add(next.Part.Stream);
                boundaries.UnionWith(next.Keys);
                batch.Add(next);
                events += next.Part.Events.Count;
                bytes += next.Bytes;
            }
            else
            {
                (others ??= new Queue<WaitingAppend>()).Enqueue(next);
            }
        }

        if (others is not null)
        {
            while (waiting.TryDequeue(out var later))
            {
                others.Enqueue(later);
            }

            waiting = others;
        }

        taken = before - waiting.Count;
        return batch;
    }

    // A key is negative where it excludes all others.
    private static bool MayShare(HashSet<int> boundaries, int[] keys) =>
        boundaries.Count + keys.Length <= BoundaryKeys.Most && !Array.Exists(keys, key => boundaries.Contains(-key) || (key < 0 && boundaries.Contains(key)));
}
