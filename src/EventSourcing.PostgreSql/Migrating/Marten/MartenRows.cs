using Npgsql;

namespace EventSourcing.PostgreSql;

/// <summary>Rows of Marten's. Their metadata: what this library knows too by its own names, headers as they are, and the rest under
/// names that begin with <c>marten.</c></summary>
internal sealed class MartenRows(MartenSourceOptions options, MartenSql sql, bool hasKeys) : IForeignRows
{
    /// <summary>Under what columns are kept that have no meaning here.</summary>
    public const string Columns = "marten.columns";

    private const string DefaultTenant = "*DEFAULT*";

    private readonly Dictionary<(string Alias, string? DotNetType), string> typeNames = [];
    private readonly NameCache<string> repeated = new Names().Types;
    private readonly ForeignMetadata metadata = new();
    private readonly RowBuffer buffer = new();

    public ForeignEvent Read(NpgsqlDataReader row)
    {
        var (stream, sourceStream) = Stream(row);
        var (alias, dotNetType) = (Repeated(row, 7) ?? string.Empty, Repeated(row, 8));
        var name = IsTombstone(alias, dotNetType) ? null : options.StreamName(stream);
        return new ForeignEvent
        {
            Position = row.GetInt64(0),
            SourceStream = sourceStream,
            Stream = name,
            IsArchived = stream.IsArchived,
            IsSummary = dotNetType is not null && MartenSql.Summaries.Any(start => dotNetType.StartsWith(start, StringComparison.Ordinal)),
            Version = row.GetInt64(5),
            Id = row.GetGuid(6),
            SourceType = alias,
            Type = name is null ? null : TypeName(alias, dotNetType),
            Microseconds = row.GetFieldValue<long>(9),
            Data = row.GetFieldValue<byte[]>(10),
            Metadata = name is null ? default : Metadata(row, stream, dotNetType),
            Misfit = row.GetBoolean(15)
                ? Misfit.Of("A payload is not JSON", row.GetInt64(0), sourceStream, "its payload is binary, in the column bdata; this library keeps JSON.")
                : null,
        };
    }

    public (long Version, string SourceStream, string? Stream) ReadStream(NpgsqlDataReader row)
    {
        var (stream, sourceStream) = Stream(row);
        return (row.GetInt64(0), sourceStream, options.StreamName(stream));
    }

    public void Dispose()
    {
        metadata.Dispose();
        buffer.Dispose();
    }

    // What Marten puts in the place of events that were not stored after all, to fill the numbers.
    private static bool IsTombstone(string alias, string? dotNetType) =>
        alias == "tombstone"
        && (dotNetType is null || dotNetType.StartsWith("Marten.", StringComparison.Ordinal) || dotNetType.StartsWith("JasperFx.", StringComparison.Ordinal));

    /// <summary>A text that many rows have.</summary>
    private string? Repeated(NpgsqlDataReader row, int column) => row.IsDBNull(column) ? null : repeated.Of(buffer.Read(row, column));

    private static string? Text(NpgsqlDataReader row, int column) => row.IsDBNull(column) ? null : row.GetString(column);

    private (MartenStream Stream, string SourceStream) Stream(NpgsqlDataReader row)
    {
        var stream = new MartenStream(Text(row, 1) ?? string.Empty, Repeated(row, 2), Repeated(row, 3) ?? DefaultTenant, row.GetBoolean(4)) { HasKey = hasKeys };
        var source = sql.TellsTenantsApart ? $"{stream.Id} of {stream.TenantId}" : stream.Id;
        return (stream, sql.TellsArchivedApart && stream.IsArchived ? source + ", archived" : source);
    }

    private string TypeName(string alias, string? dotNetType)
    {
        if (!typeNames.TryGetValue((alias, dotNetType), out var name))
        {
            typeNames[(alias, dotNetType)] = name = options.TypeName(new MartenEventType(alias, dotNetType));
        }

        return name;
    }

    private ReadOnlyMemory<byte> Metadata(NpgsqlDataReader row, MartenStream stream, string? dotNetType)
    {
        metadata.Begin();
        metadata.Add("correlationId", Text(row, 11));
        metadata.Add("causationId", Text(row, 12));
        metadata.Add("actor", Text(row, 13));
        metadata.Add("marten.dotnetType", dotNetType);
        metadata.Add("marten.tenant", stream.TenantId == DefaultTenant ? null : stream.TenantId);
        metadata.Add("marten.archived", stream.IsArchived ? "true" : null);
        if (!row.IsDBNull(16) && row.GetFieldValue<byte[]>(16) is { Length: > 2 } columns)
        {
            metadata.AddJson(Columns, columns);
        }

        if (!row.IsDBNull(14))
        {
            var headers = row.GetFieldValue<byte[]>(14);
            if (headers[0] == '{')
            {
                metadata.AddProperties(headers, "marten.header.");
            }
            else if (!headers.AsSpan().SequenceEqual("null"u8))
            {
                metadata.AddJson("marten.headers", headers);
            }
        }

        return metadata.End();
    }
}
