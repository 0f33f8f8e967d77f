using System.Buffers;
using System.Globalization;
using System.Text.Json;
using Npgsql;
using NpgsqlTypes;

namespace EventSourcing.PostgreSql;

/// <summary>Public messages as columns and rows.</summary>
internal static class OutboxRows
{
    /// <summary>The ordinal of the first column after those of a message.</summary>
    public const int AfterMessage = 11;

    private const string Exact = "O";

    public static void Bind(NpgsqlParameterCollection parameters, IReadOnlyList<PublicMessage> messages)
    {
        Add(message => message.Id, NpgsqlDbType.Uuid);
        Add(message => message.Topic, NpgsqlDbType.Text);
        Add(message => message.Type, NpgsqlDbType.Text);
        Add(message => message.Body, NpgsqlDbType.Text);
        Add(message => message.OccurredAt.ToString(Exact, CultureInfo.InvariantCulture), NpgsqlDbType.Text);
        Add(message => message.Key, NpgsqlDbType.Text);
        Add(message => message.Headers.Count == 0 ? null : Json(message.Headers), NpgsqlDbType.Json);
        Add(message => message.CorrelationId, NpgsqlDbType.Text);
        Add(message => message.CausationId, NpgsqlDbType.Text);
        Add(message => message.TraceParent, NpgsqlDbType.Text);

        void Add<T>(Func<PublicMessage, T> value, NpgsqlDbType element) =>
            parameters.Add(new NpgsqlParameter<T[]> { TypedValue = [.. messages.Select(value)], NpgsqlDbType = NpgsqlDbType.Array | element });
    }

    public static OutboxMessage Read(NpgsqlDataReader row) =>
        StoredRow.Read(row, Message, one => $"The public message {one.GetGuid(1)}, number {one.GetInt64(0)} in the outbox,");

    private static OutboxMessage Message(NpgsqlDataReader row) => new(row.GetInt64(0), new PublicMessage
    {
        Id = row.GetGuid(1),
        Topic = row.GetString(2),
        Type = row.GetString(3),
        Body = row.GetFieldValue<byte[]>(4),
        OccurredAt = DateTimeOffset.ParseExact(row.GetString(5), Exact, CultureInfo.InvariantCulture),
        Key = Text(row, 6),
        Headers = row.IsDBNull(7) ? new Dictionary<string, string>() : Headers(row.GetFieldValue<byte[]>(7)),
        CorrelationId = Text(row, 8),
        CausationId = Text(row, 9),
        TraceParent = Text(row, 10),
    });

    private static string? Text(NpgsqlDataReader row, int column) => row.IsDBNull(column) ? null : row.GetString(column);

    private static byte[] Json(IReadOnlyDictionary<string, string> headers)
    {
        var json = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(json))
        {
            writer.WriteStartObject();
            foreach (var (name, value) in headers)
            {
                writer.WriteString(name, value);
            }

            writer.WriteEndObject();
        }

        return json.WrittenSpan.ToArray();
    }

    private static Dictionary<string, string> Headers(byte[] json)
    {
        using var document = JsonDocument.Parse(json);
        return document.RootElement.EnumerateObject().ToDictionary(header => header.Name, header => header.Value.GetString()!, StringComparer.Ordinal);
    }
}
