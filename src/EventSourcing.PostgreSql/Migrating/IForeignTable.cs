namespace EventSourcing.PostgreSql;

/// <summary>The table in which another system keeps its events: what differs from system to system.</summary>
internal interface IForeignTable
{
    /// <summary>What it is, for people.</summary>
    string Description { get; }

    /// <summary>Of what kind the source is and how it is mapped: begins the source's name. A change of the mapping changes it.</summary>
    string Kind { get; }

    string Schema { get; }

    /// <summary>The table's name without its schema; its partitions and the sequence of its positions begin with it.</summary>
    string Table { get; }

    /// <summary>The column of the positions.</summary>
    string Position { get; }

    /// <summary>The rows beyond $1 up to $2, in order.</summary>
    string Page { get; }

    /// <summary>For each stream with rows up to $1 a row.</summary>
    string Streams { get; }

    /// <summary>The same for the streams alone that do not begin at version 1 because the source has put a summary there, and the version of
    /// that in column 5; null where there are none.</summary>
    string? Summarized { get; }

    /// <summary>What fits and is worth to know of the table as a whole.</summary>
    IEnumerable<string> Notes { get; }

    /// <summary>What reads the rows of these statements, for one reading.</summary>
    IForeignRows NewRows();
}
