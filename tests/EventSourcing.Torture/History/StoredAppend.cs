namespace EventSourcing.Torture;

/// <summary>An append that is there, where it lies, and between which times it came to be.</summary>
internal sealed class StoredAppend
{
    private StoredAppend(AppendBegun asked, IReadOnlyList<StoredEvent> events, IEnumerable<Attempt> attempts)
    {
        Asked = asked;
        Events = events;
        (First, Last) = (events.Min(one => one.Position), events.Max(one => one.Position));

        // One that was refused for sure has not stored it; one of unknown outcome may have.
        Attempt[] able = [.. attempts.Where(attempt => attempt.Outcome is AppendOutcome.Stored or AppendOutcome.Unknown)];
        BegunAt = able.Length > 0 ? able.Min(attempt => attempt.Begun.At) : asked.At;
        VisibleFrom = able.Length > 0 ? able.Min(attempt => Math.Max(attempt.Begun.At, attempt.Ended?.CommitsAt ?? 0)) : asked.At;
        AcknowledgedAt = able.Where(attempt => attempt.Outcome == AppendOutcome.Stored).Select(attempt => attempt.Ended!.At).DefaultIfEmpty(long.MaxValue).Min();
    }

    public AppendBegun Asked { get; }

    public IReadOnlyList<StoredEvent> Events { get; }

    /// <summary>The lowest of its positions.</summary>
    public long First { get; }

    /// <summary>The highest of its positions.</summary>
    public long Last { get; }

    /// <summary>It has no position before.</summary>
    public long BegunAt { get; }

    /// <summary>Nobody else can see it before.</summary>
    public long VisibleFrom { get; }

    /// <summary>Everybody can see it from then on; never, as far as is known, where nobody was told.</summary>
    public long AcknowledgedAt { get; }

    public string Name => $"append {Asked.Append} (positions {First} to {Last})";

    /// <summary>The versions of a stream that it has written.</summary>
    public (long First, long Last) VersionsOf(string stream)
    {
        var versions = Events.Where(one => one.Stream == stream).Select(one => one.Version).ToArray();
        return (versions.Min(), versions.Max());
    }

    /// <summary>All that are there in order of positions. Those that are there in part, or twice, are for <see cref="AppendCheck"/>.</summary>
    public static StoredAppend[] AllOf(History history, IReadOnlyList<StoredEvent> log)
    {
        var byId = log.ToLookup(one => one.Id);
        return [.. history.Appends.Values
            .Select(attempts => (Attempts: attempts, Events: attempts[0].Begun.Parts.SelectMany(part => part.Events).SelectMany(one => byId[one.Id]).ToArray()))
            .Where(append => append.Events.Length > 0)
            .Select(append => new StoredAppend(append.Attempts[0].Begun, append.Events, append.Attempts))
            .OrderBy(append => append.First)];
    }
}
