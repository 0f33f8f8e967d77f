using Npgsql;

namespace EventSourcing.PostgreSql;

/// <summary>Reads the rows of a <see cref="IForeignTable"/>, one after the other.</summary>
internal interface IForeignRows : IDisposable
{
    /// <summary>A row of <see cref="IForeignTable.Page"/>.</summary>
    ForeignEvent Read(NpgsqlDataReader row);

    /// <summary>A row of <see cref="IForeignTable.Streams"/>: the highest version, the stream, and its name here.</summary>
    (long Version, string SourceStream, string? Stream) ReadStream(NpgsqlDataReader row);
}
