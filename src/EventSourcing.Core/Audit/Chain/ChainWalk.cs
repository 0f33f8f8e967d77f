namespace EventSourcing;

/// <summary>Follows the chain of one stream, event by event, to its first break.</summary>
internal sealed class ChainWalk(StreamName stream)
{
    private StreamVersion first;
    private StreamVersion version;
    private StreamVersion streamVersion;
    private LogPosition position;
    private ReadOnlyMemory<byte> hash;
    private bool isBegun;
    private long events;
    private long unchained;
    private ChainBreak? found;

    public StreamName Stream => stream;

    /// <summary>The version of the first event; 0 where there is none yet.</summary>
    public StreamVersion First => first;

    public bool IsBroken => found is not null;

    /// <summary>Looks at the next event.</summary>
    public void Take(ChainedEvent chained)
    {
        streamVersion = chained.StreamVersion;
        if (found is { Kind: ChainBreakKind.Changed } changed && changed.Version == version && chained.Recorded?.Position < position)
        {
            // Only now can be told that they stand in each other's place.
            found = changed with { Kind = ChainBreakKind.OutOfOrder };
        }

        if (found is not null)
        {
            return;
        }

        if (chained.Damage is { } damage)
        {
            Break(ChainBreakKind.Changed, version.Add(1), damage.Position);
        }
        else if (chained.Recorded is { } recorded)
        {
            Take(recorded, chained);
        }
    }

    /// <summary>The stream has no more events.</summary>
    /// <param name="anchor">What its chain is to hold, by an anchor that was taken earlier.</param>
    public StreamVerification End(ChainHead? anchor)
    {
        if (found is null && version < streamVersion)
        {
            Break(ChainBreakKind.Missing, version.Add(1), null);
        }

        if (found is null && version < anchor?.Version)
        {
            Break(ChainBreakKind.Missing, version.Add(1), null);
        }

        var head = found is null && isBegun ? new ChainHead(stream, version, Convert.ToHexStringLower(hash.Span)) : null;
        return new StreamVerification(stream, events, unchained, first, found, head);
    }

    /// <summary>Holds the event that was looked at last against an anchor.</summary>
    public void Compare(ChainHead anchor)
    {
        if (found is null && version == anchor.Version && Convert.ToHexStringLower(hash.Span) != anchor.Hash)
        {
            Break(ChainBreakKind.OtherThanAnchor, version, position);
        }
    }

    public void Break(ChainBreakKind kind, StreamVersion at, LogPosition? place) => found = new ChainBreak(kind, stream, at, place);

    private void Take(RecordedEvent recorded, ChainedEvent chained)
    {
        var isFirst = version == StreamVersion.None;
        if (isFirst)
        {
            first = recorded.Version;
            hash = chained.Before;
        }
        else if (recorded.Version > version.Add(1))
        {
            Break(ChainBreakKind.Missing, version.Add(1), recorded.Position);
            return;
        }

        if (recorded.Version > chained.StreamVersion || recorded.Version <= version)
        {
            Break(ChainBreakKind.Unexpected, recorded.Version, recorded.Position);
            return;
        }

        var before = hash;
        var isOfStream = recorded.Stream == stream && recorded.Position > position;
        (version, position, hash) = (recorded.Version, recorded.Position, chained.Hash);
        if (hash.IsEmpty)
        {
            // Before the chain begins a stream may have events without; what follows from them is not known.
            unchained += isBegun ? 0 : 1;
            if (isBegun || !isOfStream || !before.IsEmpty)
            {
                Break(isOfStream ? ChainBreakKind.Unhashed : ChainBreakKind.Changed, version, position);
            }

            return;
        }

        isBegun = true;

        // What came before the first event of a truncated stream may not be known: then its hash is taken as given.
        var isGiven = isFirst && first.Value > 1 && before.IsEmpty;
        if (!isOfStream || !(isGiven || EventHash.Of(before.Span, recorded).AsSpan().SequenceEqual(hash.Span)))
        {
            Break(recorded.Stream == stream && !isOfStream ? ChainBreakKind.OutOfOrder : ChainBreakKind.Changed, version, position);
            return;
        }

        events++;
    }
}
