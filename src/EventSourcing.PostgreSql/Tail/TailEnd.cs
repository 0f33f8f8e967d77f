namespace EventSourcing.PostgreSql;

/// <summary>Where the log ended when it was last looked at. One look at a time writes it; anybody reads it.</summary>
internal sealed class TailEnd
{
    private long final;
    private long highest;

    // Up to where there was a log that has been replaced by a shorter one.
    private long gone;

    /// <summary>Up to where it was final.</summary>
    public long Final => Volatile.Read(ref final);

    /// <summary>A look has found the end, and what is new is at hand; true where it has moved.</summary>
    public bool Reached(LogHead head)
    {
        Volatile.Write(ref highest, head.Highest.Value);
        if (head.Final.Value <= final)
        {
            return false;
        }

        Volatile.Write(ref final, head.Final.Value);
        return true;
    }

    /// <summary>Nothing that is known is of the log that is there now.</summary>
    public void Replaced(LogPosition head)
    {
        Volatile.Write(ref gone, Math.Max(gone, final));
        Volatile.Write(ref highest, head.Value);
        Volatile.Write(ref final, 0);
    }

    /// <summary>Refuses to wait for what may come after a position that was in the log once.</summary>
    public void ThrowIfGone(LogPosition position)
    {
        var now = Volatile.Read(ref highest);
        if (position.Value > now && position.Value <= Volatile.Read(ref gone))
        {
            throw new CheckpointAheadOfLogException(Checkpoint.After(position), new LogPosition(now));
        }
    }
}
