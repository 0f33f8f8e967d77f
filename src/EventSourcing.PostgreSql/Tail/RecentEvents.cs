namespace EventSourcing.PostgreSql;

/// <summary>
/// The last final events of the log, all of them from one position to another, read from the database once for everyone
/// who follows the log. Bounded in events and in bytes: the oldest go.
/// </summary>
/// <remarks>Readers share the events. Nothing changes one after it was read from the database.</remarks>
internal sealed class RecentEvents(int maxEvents = 10_000, long maxBytes = 16 * 1024 * 1024)
{
    // What an event takes beside its payload and metadata, roughly.
    private const int Overhead = 256;

    private readonly Lock gate = new();
    private RecordedEvent[]? ring;
    private int first;
    private int count;
    private long bytes;

    // All events after `start` up to and with `end` are in the ring.
    private long start;
    private long end;

    public int MaxEvents => maxEvents;

    public int Count
    {
        get
        {
            lock (gate)
            {
                return count;
            }
        }
    }

    public long Bytes
    {
        get
        {
            lock (gate)
            {
                return bytes;
            }
        }
    }

    /// <summary>Up to where the events are here; null where none are kept.</summary>
    public long? End
    {
        get
        {
            lock (gate)
            {
                return ring is null ? null : end;
            }
        }
    }

    /// <summary>Keeps nothing of what is here, and goes on from there.</summary>
    public void Forget()
    {
        lock (gate)
        {
            while (count > 0)
            {
                DropOldest();
            }

            start = end;
        }
    }

    /// <summary>Keeps events from a position on, and none from before.</summary>
    public void BeginAfter(long position)
    {
        lock (gate)
        {
            ring ??= new RecordedEvent[maxEvents];
            Array.Clear(ring);
            first = count = 0;
            bytes = 0;
            start = end = position;
        }
    }

    /// <summary>Reads what is new and keeps it.</summary>
    /// <param name="final">Up to where the log is final.</param>
    /// <param name="read">Reads the first part of a range; says up to where.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task FillAsync(
        long final, Func<long, long, CancellationToken, Task<(IReadOnlyList<RecordedEvent> Events, long UpTo)>> read, CancellationToken cancellationToken)
    {
        // At the beginning, and where more is new than fits: who follows is behind then, and reads the database for itself.
        if (End is not { } reached || final - reached > maxEvents)
        {
            BeginAfter(final);
            return;
        }

        while (reached < final)
        {
            var (events, upTo) = await read(reached, final, cancellationToken).ConfigureAwait(false);
            if (!TryAdd(reached, events, upTo))
            {
                return;
            }

            reached = upTo;
        }
    }

    /// <summary>Keeps nothing any more.</summary>
    public void Clear()
    {
        lock (gate)
        {
            ring = null;
            first = count = 0;
            bytes = 0;
        }
    }

    /// <summary>Adds what follows; false, and nothing is added, where that is not what the range continues with.</summary>
    /// <param name="after">Where the range begins: the end of what is here.</param>
    /// <param name="events">All events of the range.</param>
    /// <param name="upTo">Where the range ends.</param>
    public bool TryAdd(long after, IReadOnlyList<RecordedEvent> events, long upTo)
    {
        lock (gate)
        {
            if (ring is null || after != end)
            {
                return false;
            }

            foreach (var recorded in events)
            {
                // The events of the stream, which may be here, are gone from the database: who is behind reads there what is left.
                while (recorded.Type == StreamDeleted.StoredName && count > 0)
                {
                    DropOldest();
                }

                if (count == maxEvents)
                {
                    DropOldest();
                }

                ring[(first + count++) % maxEvents] = recorded;
                bytes += Size(recorded);
                while (bytes > maxBytes)
                {
                    DropOldest();
                }
            }

            end = upTo;
            return true;
        }
    }

    /// <summary>A page from here; null where it has to come from the database.</summary>
    /// <param name="options">What to read.</param>
    /// <param name="final">Up to where the reader knows that the log is final.</param>
    /// <param name="isFresh">Whether that was asked for this very page, so that the page may say that it is the end.</param>
    public LogPage? TryRead(LogReadOptions options, long final, bool isFresh)
    {
        lock (gate)
        {
            var after = options.After.Value;
            var bound = Math.Min(end, options.UpTo?.Value ?? long.MaxValue);
            if (ring is null || after < start || bound <= after || (isFresh && end < final))
            {
                return null;
            }

            var found = new List<RecordedEvent>();
            var readTo = bound;
            for (var i = IndexAfter(after); i < count && At(i).Position.Value <= bound; i++)
            {
                if (Passes(options.Filter, At(i)))
                {
                    found.Add(At(i));
                    if (found.Count == options.PageSize)
                    {
                        readTo = At(i).Position.Value;
                        break;
                    }
                }
            }

            return new LogPage(found, new LogPosition(readTo), IsEnd: readTo == bound && (isFresh || options.UpTo?.Value == bound));
        }
    }

    private static long Size(RecordedEvent recorded) => Overhead + recorded.Data.Length + recorded.Metadata.Length;

    /// <summary>As the database compares: byte for byte, whatever the collections of the filter think is equal.</summary>
    private static bool Passes(EventFilter filter, RecordedEvent recorded) =>
        IsAmong(filter.EventTypes, recorded.Type)
        && (filter.Categories.Count == 0 || IsAmong(filter.Categories, recorded.Stream.Category))
        && HasAll(recorded.Tags, filter.Tags)
        && filter.Shard.Contains(recorded.Stream);

    private static bool HasAll(IReadOnlyList<Tag> tags, IReadOnlyList<Tag> wanted)
    {
        for (var i = 0; i < wanted.Count; i++)
        {
            if (!tags.Contains(wanted[i]))
            {
                return false;
            }
        }

        return true;
    }

    private static bool IsAmong(IReadOnlyCollection<string> names, string name)
    {
        if (names.Count == 0)
        {
            return true;
        }

        foreach (var wanted in names)
        {
            if (string.Equals(wanted, name, StringComparison.Ordinal))
            {
                return true;
            }
        }

        return false;
    }

    private RecordedEvent At(int index) => ring![(first + index) % maxEvents];

    private int IndexAfter(long position)
    {
        var (low, high) = (0, count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            (low, high) = At(middle).Position.Value <= position ? (middle + 1, high) : (low, middle);
        }

        return low;
    }

    private void DropOldest()
    {
        var oldest = ring![first];
        ring[first] = null!;
        first = (first + 1) % maxEvents;
        count--;
        bytes -= Size(oldest);
        start = oldest.Position.Value;
    }
}
