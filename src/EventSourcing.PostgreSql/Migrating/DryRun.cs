using System.Globalization;
using System.Runtime.InteropServices;

namespace EventSourcing.PostgreSql;

/// <summary>Looks at the events of a source as an import would, and keeps what it finds instead of stopping at it.</summary>
internal sealed class DryRun(IForeignTable table, LogPosition end, EventTypeRegistry? types, int maxEventBytes)
{
    private const int MostPlaces = 5;

    private readonly StreamLedger ledger = new();
    private readonly Dictionary<(string Source, string Stored), long> seenTypes = [];
    private readonly Dictionary<string, (long Count, List<string>? Places)> findings = new(StringComparer.Ordinal);
    private readonly List<string> notes = [.. table.Notes];
    private readonly HashSet<string> readable = [.. types?.StoredNamesOf(typeof(object)) ?? []];
    private ForeignEvents? events;
    private long position;
    private long leftOut;
    private long archived;
    private long summaries;

    public long Rows { get; private set; }

    public void Look(ForeignEvent row)
    {
        Rows++;
        position = row.Position;
        if (row.Stream is null)
        {
            leftOut++;
            return;
        }

        archived += row.IsArchived ? 1 : 0;
        summaries += row is { IsSummary: true, Version: > 1 } ? 1 : 0;
        CollectionsMarshal.GetValueRefOrAddDefault(seenTypes, (row.SourceType, row.Type ?? string.Empty), out _)++;
        var (recorded, misfit) = (events ??= new ForeignEvents(ledger)).Next(row);
        if ((misfit ?? Unfit(recorded!)) is { } found)
        {
            ref var finding = ref CollectionsMarshal.GetValueRefOrAddDefault(findings, found.Problem, out _);
            finding.Count++;
            finding.Places ??= [];
            if (finding.Places.Count < MostPlaces)
            {
                finding.Places.Add(found.Message);
            }
        }
    }

    /// <summary>What is known when all rows were looked at.</summary>
    public void AtEnd(long repeatedIds)
    {
        position = end.Value;
        if (archived > 0)
        {
            Note($"{archived:N0} of the events are of archived streams: they come over like all others, in streams that are open.");
        }

        if (summaries > 0)
        {
            Note($"{summaries:N0} streams were compacted: they begin with the event that stands for all before it, at its version.");
        }

        if (repeatedIds > 0)
        {
            Note($"{repeatedIds:N0} event ids are there more than once: they are kept, but whoever recognises events by their id takes them for one.");
        }
    }

    public MigrationReport Report() => new()
    {
        Source = table.Description,
        Position = new LogPosition(Math.Max(position, 0)),
        End = end,
        Events = Rows - leftOut,
        Streams = ledger.Streams,
        LeftOut = leftOut,
        Findings = [.. findings.Select(found => new MigrationFinding(found.Key, found.Value.Count, [.. found.Value.Places!]))],
        Types = [.. seenTypes
            .OrderBy(type => type.Key.Source, StringComparer.Ordinal).ThenBy(type => type.Key.Stored, StringComparer.Ordinal)
            .Select(type => new MigratedType(type.Key.Source, type.Key.Stored, type.Value, IsRegistered(type.Key.Stored)))],
        Notes = [.. notes],
    };

    /// <summary>What the store itself would say.</summary>
    private Misfit? Unfit(RecordedEvent recorded)
    {
        try
        {
            recorded.ThrowIfUnfit(maxEventBytes);
            return null;
        }
        catch (ArgumentException unfit)
        {
            return new Misfit(Misfit.Unfit, unfit.Message);
        }
    }

    private bool? IsRegistered(string stored) => types is null ? null : readable.Contains(stored);

    private void Note(FormattableString note) => notes.Add(note.ToString(CultureInfo.InvariantCulture));
}
