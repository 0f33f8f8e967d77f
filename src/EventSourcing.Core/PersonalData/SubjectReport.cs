using System.Globalization;

namespace EventSourcing;

/// <summary>Where a subject's personal data has gone to, as far as the log leads there.</summary>
/// <param name="Subject">The subject.</param>
/// <param name="IsForgotten">Whether it is forgotten: then its data in events, and in snapshots and views that are marked themselves, reads as
/// forgotten, wherever it is.</param>
public sealed record SubjectReport(string Subject, bool IsForgotten)
{
    /// <summary>The streams that hold events with its data, in the order in which they first did.</summary>
    public required IReadOnlyList<SubjectStream> Streams { get; init; }

    /// <summary>The snapshots into which such events were folded. They hold what the state keeps of them: as plain text, unless
    /// the state is marked itself.</summary>
    public required IReadOnlyList<SubjectSnapshot> Snapshots { get; init; }

    /// <summary>The views into which such events were folded and which are there. As above.</summary>
    public required IReadOnlyList<SubjectView> Views { get; init; }

    /// <summary>What else handles such events, and may have written their data anywhere: projections with tables of their own, reactors,
    /// translators of messages, and views whose keys cannot be told from what is left of the events. Only who wrote them knows.</summary>
    public required IReadOnlyList<string> Others { get; init; }

    /// <summary>For people: each place on a line of its own.</summary>
    public override string ToString() => string.Join(
        Environment.NewLine,
        [
            $"subject '{Subject}'{(IsForgotten ? ", forgotten" : string.Empty)}",
            .. Streams.Select(one => string.Create(CultureInfo.InvariantCulture, $"  stream {one.Stream}: {one.Events:N0} events, from version {one.FirstVersion} on")),
            .. Snapshots.Select(one => $"  snapshot {one.Name} of {one.Stream}, version {one.Version}{(one.IsStandIn ? ", which stands in for truncated events" : string.Empty)}"),
            .. Views.Select(one => $"  view {one.Key} of {one.Projection}"),
            .. Others.Select(one => $"  perhaps, by {one}"),
        ]);
}
