using System.Globalization;
using System.Text;

namespace EventSourcing.PostgreSql;

/// <summary>What a dry run of a migration has found: of <see cref="MartenSource.CheckAsync"/> or <see cref="MessageDbSource.CheckAsync"/>.</summary>
public sealed record MigrationReport
{
    /// <summary>What was looked at, for people.</summary>
    public required string Source { get; init; }

    /// <summary>The position up to which it was looked at.</summary>
    public required LogPosition Position { get; init; }

    /// <summary>Where the source ends.</summary>
    public required LogPosition End { get; init; }

    /// <summary>Events that are to be stored.</summary>
    public required long Events { get; init; }

    /// <summary>Streams that they are of.</summary>
    public required long Streams { get; init; }

    /// <summary>Events that are left out: of streams that have no name, and what the source keeps for itself.</summary>
    public required long LeftOut { get; init; }

    /// <summary>What does not fit, each kind once; none where the source can be stored as it is.</summary>
    public required IReadOnlyList<MigrationFinding> Findings { get; init; }

    /// <summary>The types of the events, by the source's name.</summary>
    public required IReadOnlyList<MigratedType> Types { get; init; }

    /// <summary>What fits and is worth to know, a sentence each.</summary>
    public required IReadOnlyList<string> Notes { get; init; }

    /// <summary>Whether all of it can be stored as it is.</summary>
    public bool Fits => Findings.Count == 0;

    /// <summary>The types that no class is registered for; none where there was no registry to ask.</summary>
    public IEnumerable<MigratedType> UnknownTypes => Types.Where(type => type.IsRegistered == false);

    /// <summary>All of it, a line for each fact.</summary>
    public override string ToString()
    {
        var text = new StringBuilder();
        Line($"{Source}: {Events:N0} events of {Streams:N0} streams up to position {Position} of {End}; {LeftOut:N0} left out.");
        Line($"{(Fits ? "It fits." : "It does not fit:")}");
        foreach (var finding in Findings)
        {
            Line($"  {finding.Count:N0} x {finding.Problem}");
            foreach (var place in finding.Places)
            {
                Line($"      {place}");
            }
        }

        foreach (var note in Notes)
        {
            Line($"Note: {note}");
        }

        foreach (var type in Types)
        {
            Line($"Type {type.SourceName} is stored as {type.StoredName}: {type.Events:N0} events{(type.IsRegistered == false ? ", and no class is registered for it" : "")}.");
        }

        return text.ToString();

        void Line(FormattableString line) => text.Append(line.ToString(CultureInfo.InvariantCulture)).Append('\n');
    }
}
