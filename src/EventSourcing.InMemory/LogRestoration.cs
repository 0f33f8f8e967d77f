using System.Globalization;

namespace EventSourcing.InMemory;

/// <summary>Whether the log is being stored anew from elsewhere, and how far that has come. Used under the store's lock.</summary>
internal sealed class LogRestoration
{
    private string? source;
    private LogPosition end;
    private bool hasEnded;
    private int run;

    /// <summary>The position of the last event that was restored.</summary>
    public LogPosition Position { get; private set; }

    /// <summary>The position of the next event that is appended.</summary>
    public long NextAfter(LogPosition head) => Math.Max(head.Value, end.Value) + 1;

    /// <summary>Nobody appends until a restore has ended.</summary>
    /// <exception cref="EventStoreUnavailableException">A restore has begun and has not ended.</exception>
    public void ThrowIfUnderWay()
    {
        if (source is not null && !hasEnded)
        {
            throw new EventStoreUnavailableException("A log is being restored: appends are taken when that has ended.");
        }
    }

    /// <summary>Begins, or takes over from whoever was at it before.</summary>
    /// <returns>The number to go on with.</returns>
    public int Begin(string name, LogPosition sourceEnd, LogPosition head)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name, nameof(source));
        if (sourceEnd.Value == long.MaxValue)
        {
            throw new ArgumentException($"The source '{name}' ends at position {sourceEnd}, behind which nothing can be appended.", nameof(sourceEnd));
        }

        if (hasEnded)
        {
            throw new InvalidOperationException($"The restore of '{source}' has ended already.");
        }

        if (source is null && head > LogPosition.Start)
        {
            throw new InvalidOperationException("The store holds events already; a log is restored into an empty one.");
        }

        if ((source is not null && source != name) || Position > sourceEnd)
        {
            throw new InvalidOperationException(string.Create(
                CultureInfo.InvariantCulture,
                $"The store holds '{source}' up to position {Position}, whose restore has not ended. '{name}', which ends at position {sourceEnd}, is not that source."));
        }

        (source, end) = (name, sourceEnd);
        return ++run;
    }

    public void Advance(int number, LogPosition position)
    {
        ThrowUnlessLatest(number);
        Position = position;
    }

    public void End(int number)
    {
        ThrowUnlessLatest(number);
        hasEnded = true;
    }

    private void ThrowUnlessLatest(int number)
    {
        if (number != run)
        {
            throw new InvalidOperationException("Somebody else goes on with this restore; this run has ended.");
        }
    }
}
