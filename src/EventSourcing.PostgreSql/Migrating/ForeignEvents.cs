using System.Globalization;

namespace EventSourcing.PostgreSql;

/// <summary>Makes of the rows of a source what is to be stored, in their order.</summary>
internal sealed class ForeignEvents(StreamLedger ledger)
{
    private static readonly DateTimeOffset Epoch = new(2000, 1, 1, 0, 0, 0, TimeSpan.Zero);

    // The first and the last day are the driver's names for the infinities.
    private static readonly long Earliest = (DateTimeOffset.MinValue.AddDays(1) - Epoch).Ticks / TimeSpan.TicksPerMicrosecond;
    private static readonly long Latest = (DateTimeOffset.MaxValue.AddDays(-1) - Epoch).Ticks / TimeSpan.TicksPerMicrosecond;

    private long last = long.MinValue;

    /// <summary>The event, or what is wrong with it.</summary>
    /// <param name="row">A row that is not left out.</param>
    public (RecordedEvent? Event, Misfit? Misfit) Next(ForeignEvent row)
    {
        // Always: the stream's next event is held against this one, whatever is wrong with it.
        var followed = ledger.Follow(row);
        var isTwice = row.Position == last;
        last = row.Position;
        if (row.Position < 1)
        {
            return (null, Misfit.Of("The first position is 1", row, "its position is below 1."));
        }

        if (isTwice)
        {
            return (null, Misfit.Of("A position is there twice", row, "another event has the same position, as where each tenant has numbers of its own. Import one tenant: give StreamName a function that gives null for the others."));
        }

        if ((row.Misfit ?? followed) is { } misfit)
        {
            return (null, misfit);
        }

        if (row.Id == Guid.Empty)
        {
            return (null, Misfit.Of("An event has no id", row, "its id is empty."));
        }

        if (row.Microseconds < Earliest || row.Microseconds > Latest)
        {
            return (null, Misfit.Of("A time is out of range", row, "its time is infinite, or not within the years 1 to 9999."));
        }

        if (row.Type is null or { Length: 0 or > EventData.MaxTypeLength })
        {
            return (null, Misfit.Of(
                "A type's name cannot be used",
                row,
                string.Create(CultureInfo.InvariantCulture, $"the name of its type, '{Misfit.Shorten(row.Type ?? string.Empty)}', is empty or has more than {EventData.MaxTypeLength} characters. Give TypeName a function.")));
        }

        if (!TryName(row.Stream!, out var name, out var why))
        {
            return (null, Misfit.Of("A stream's name cannot be used", row, why));
        }

        return (
            new RecordedEvent
            {
                Stream = name,
                Version = new StreamVersion(row.Version),
                Position = new LogPosition(row.Position),
                Id = row.Id,
                Type = row.Type,
                Data = row.Data,
                Metadata = row.Metadata,
                RecordedAt = Epoch.AddTicks(row.Microseconds * TimeSpan.TicksPerMicrosecond),
            },
            null);
    }

    public static bool TryName(string stream, out StreamName name, out string why)
    {
        try
        {
            (name, why) = (new StreamName(stream), string.Empty);
            return true;
        }
        catch (ArgumentException unfit)
        {
            // Without the parameter's name, which is none of the reader's.
            (name, why) = (default, unfit.Message.Replace($" (Parameter '{unfit.ParamName}')", "", StringComparison.Ordinal));
            return false;
        }
    }
}
