using System.Text;
using System.Text.Json;
using Npgsql;

namespace EventSourcing.PostgreSql;

/// <summary>Rows of Message DB's. Their metadata stays as it is; correlation and causation are added by the names that they have here.</summary>
internal sealed class MessageDbRows(MessageDbSourceOptions options) : IForeignRows
{
    private readonly Dictionary<string, string> typeNames = new(StringComparer.Ordinal);
    private readonly NameCache<string> types = new Names().Types;
    private readonly ForeignMetadata metadata = new();
    private readonly RowBuffer buffer = new();

    public ForeignEvent Read(NpgsqlDataReader row)
    {
        var (position, stream, type) = (row.GetInt64(0), row.GetString(1), types.Of(buffer.Read(row, 4)));
        var name = options.StreamName(stream);
        var json = row.IsDBNull(7) ? null : row.GetFieldValue<byte[]>(7);
        var isNone = json is null || json.AsSpan().SequenceEqual("null"u8);
        var isObject = json is [(byte)'{', ..];
        return new ForeignEvent
        {
            Position = position,
            SourceStream = stream,
            Stream = name,
            Version = row.GetInt64(2) + 1,
            Id = row.GetGuid(3),
            SourceType = type,
            Type = name is null ? null : TypeName(type),
            Microseconds = row.GetFieldValue<long>(5),
            Data = row.GetFieldValue<byte[]>(6),
            Metadata = isObject ? Metadata(json!) : default,
            Misfit = isNone || isObject ? null : Misfit.Of("Metadata is not a JSON object", position, stream, "its metadata is JSON, but not an object."),
        };
    }

    public (long Version, string SourceStream, string? Stream) ReadStream(NpgsqlDataReader row)
    {
        var stream = row.GetString(1);
        return (row.GetInt64(0) + 1, stream, options.StreamName(stream));
    }

    public void Dispose()
    {
        metadata.Dispose();
        buffer.Dispose();
    }

    private string TypeName(string type)
    {
        if (!typeNames.TryGetValue(type, out var name))
        {
            typeNames[type] = name = options.TypeName(type);
        }

        return name;
    }

    private ReadOnlyMemory<byte> Metadata(byte[] json)
    {
        string? correlation = null, causationStream = null, causationPosition = null;
        var (hasCorrelationId, hasCausationId) = (false, false);
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = int.MaxValue });
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = reader.GetString();
            reader.Read();
            hasCorrelationId |= name == "correlationId";
            hasCausationId |= name == "causationId";
            if (name == "correlationStreamName" && reader.TokenType == JsonTokenType.String)
            {
                correlation = reader.GetString();
            }
            else if (name == "causationMessageStreamName" && reader.TokenType == JsonTokenType.String)
            {
                causationStream = reader.GetString();
            }
            else if (name == "causationMessagePosition" && reader.TokenType == JsonTokenType.Number)
            {
                causationPosition = Encoding.UTF8.GetString(reader.ValueSpan);
            }

            reader.Skip();
        }

        // A message is known by its stream and its position in it, with a slash between.
        metadata.Begin();
        metadata.Add("correlationId", hasCorrelationId ? null : correlation);
        metadata.Add("causationId", hasCausationId || causationStream is null || causationPosition is null ? null : $"{causationStream}/{causationPosition}");
        metadata.AddProperties(json, "message-db.");
        return metadata.End();
    }
}
