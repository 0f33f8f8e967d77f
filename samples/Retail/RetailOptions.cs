namespace Retail;

/// <summary>What the command line asks for.</summary>
/// <param name="Input">The file; null for the shop that the sample makes up.</param>
/// <param name="Postgres">A connection string; null for in memory.</param>
/// <param name="Report">Where to write the figures as JSON.</param>
/// <param name="AsOf">Only events of invoices from before this time.</param>
/// <param name="MaxPosition">Only events up to this position.</param>
/// <param name="OneByOne">Whether each invoice is a command of its own in PostgreSQL too, instead of part of an import.</param>
public sealed record RetailOptions(FileInfo? Input, string? Postgres, FileInfo? Report, DateTime? AsOf, long? MaxPosition, bool OneByOne = false)
{
    /// <summary>The schema in PostgreSQL.</summary>
    public string Schema { get; init; } = Shop.Schema;

    /// <summary>Where to write the whole log, when everything is entered.</summary>
    public FileInfo? Export { get; init; }

    /// <summary>A log that another run has written: stored anew, instead of entering an input.</summary>
    public FileInfo? Import { get; init; }
}
