namespace EventSourcing;

/// <summary>The events between two checkpoints of a written log.</summary>
/// <param name="from">The number of the checkpoint's line before them.</param>
/// <param name="mayHoldMore">Whether properties that are not known here are passed over.</param>
internal sealed class LogFileBlock(long from, bool mayHoldMore)
{
    private readonly Func<LogFileLines, RecordedEvent> read = lines => LogEventLine.Read(lines.Line.Span, mayHoldMore);
    private long counted;
    private LogPosition last;
    private long from = from;

    /// <summary>The events that are wanted.</summary>
    public List<RecordedEvent> Events { get; } = [];

    /// <summary>The bytes of their lines.</summary>
    public long Bytes { get; private set; }

    /// <summary>Takes the event of a line; of one that is not wanted only the place.</summary>
    public void Add(LogFileLines lines, LogPosition after)
    {
        var position = Parsed(lines, static lines => LogEventLine.PositionOf(lines.Line.Span));
        if (position > after)
        {
            Events.Add(Parsed(lines, read));
            Bytes += lines.Line.Length;
        }

        (last, counted) = (position, counted + 1);
    }

    /// <summary>Holds what was read against a checkpoint.</summary>
    public void Verify(LogFileLines lines)
    {
        var mark = Parsed(lines, static lines => LogFileMark.Read(lines.Line));
        if (mark != new LogFileMark(counted, last, lines.TakeSum()))
        {
            throw lines.Unreadable(FormattableString.Invariant(
                $"the checkpoint does not fit the lines before it, {from} to {lines.Number - 1}: they were changed, dropped, added or put in another order."));
        }

        from = lines.Number;
    }

    /// <summary>Forgets the events that were handed out.</summary>
    public void Begin()
    {
        Events.Clear();
        Bytes = 0;
    }

    public static T Parsed<T>(LogFileLines lines, Func<LogFileLines, T> parse)
    {
        try
        {
            return parse(lines);
        }
        catch (Exception unreadable) when (LogEventLine.IsOfTheLine(unreadable))
        {
            throw lines.Unreadable($"it cannot be read: {unreadable.Message}", unreadable);
        }
    }
}
