using System.Buffers;
using System.Text.Json;

namespace EventSourcing;

/// <summary>
/// What stands in stored JSON in the place of a personal value: <c>{"$personal":{"v":1,"data":"…","subject":"…","forgotten":…}}</c>. The
/// data is the value's JSON, encrypted; forgotten is the JSON it reads as then, left out for a text.
/// </summary>
/// <remarks>It is found by its bytes, without reading all of the JSON: within a string or a name, its quotes would be escaped. White space and
/// another order of its members change nothing, because views are kept as <c>jsonb</c>. Whatever else looks so is refused on writing.</remarks>
internal static class PersonalMarker
{
    public const string Name = "$personal";

    private const int Format = 1;

    private static ReadOnlySpan<byte> QuotedName => "\"$personal\""u8;

    private static ReadOnlySpan<byte> WhiteSpace => " \t\r\n"u8;

    /// <summary>Where the next one begins; -1 where there is none.</summary>
    public static int IndexIn(ReadOnlySpan<byte> json)
    {
        for (var from = 0; json[from..].IndexOf(QuotedName) is var found and >= 0; from += found + QuotedName.Length)
        {
            var before = json[..(from + found)].TrimEnd(WhiteSpace);
            var after = json[(from + found + QuotedName.Length)..].TrimStart(WhiteSpace);
            if (before is [.., (byte)'{'] && after is [(byte)':', ..] && after[1..].TrimStart(WhiteSpace) is [(byte)'{', ..])
            {
                return before.Length - 1;
            }
        }

        return -1;
    }

    /// <summary>How many there are.</summary>
    public static int CountIn(ReadOnlySpan<byte> json)
    {
        var count = 0;
        for (var at = IndexIn(json); at >= 0; at = IndexIn(json))
        {
            count++;
            json = json[(at + QuotedName.Length)..];
        }

        return count;
    }

    public static void Write(Utf8JsonWriter writer, SubjectKey key, ReadOnlySpan<byte> plain, ReadOnlySpan<byte> forgotten)
    {
        var encrypted = key.Encrypt(plain);
        var json = new ArrayBufferWriter<byte>(64 + key.Json.EncodedUtf8Bytes.Length + (encrypted.Length * 4 / 3) + forgotten.Length);
        json.Write("{\"$personal\":{\"v\":1,\"data\":\""u8);
        var text = json.GetSpan(System.Buffers.Text.Base64.GetMaxEncodedToUtf8Length(encrypted.Length));
        System.Buffers.Text.Base64.EncodeToUtf8(encrypted, text, out _, out var written);
        json.Advance(written);
        json.Write("\",\"subject\":\""u8);
        json.Write(key.Json.EncodedUtf8Bytes);
        json.Write("\""u8);
        if (!forgotten.IsEmpty)
        {
            json.Write(",\"forgotten\":"u8);
            json.Write(forgotten);
        }

        json.Write("}}"u8);
        writer.WriteRawValue(json.WrittenSpan, skipInputValidation: true);
    }

    /// <summary>Reads the one that begins here.</summary>
    /// <exception cref="PersonalDataException">It is in a format of its own, or damaged.</exception>
    public static Read ReadAt(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = EventData.MaxDepth });
        string? subject = null;
        Range? data = null;
        Range? forgotten = null;
        var format = 0;
        try
        {
            Expect(ref reader, JsonTokenType.StartObject);
            Expect(ref reader, JsonTokenType.PropertyName);
            Expect(ref reader, JsonTokenType.StartObject);
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var name = reader.GetString();
                reader.Read();
                switch (name)
                {
                    case "v":
                        format = reader.GetInt32();
                        break;
                    case "subject" when reader.TokenType == JsonTokenType.String:
                        subject = reader.GetString();
                        break;
                    case "data" when reader.TokenType == JsonTokenType.String:
                        data = (int)reader.TokenStartIndex..(int)reader.BytesConsumed;
                        break;
                    case "forgotten":
                        var start = (int)reader.TokenStartIndex;
                        reader.Skip();
                        forgotten = start..(int)reader.BytesConsumed;
                        break;
                    default:
                        // Of a later format, which is told below.
                        reader.Skip();
                        break;
                }
            }

            Expect(ref reader, JsonTokenType.EndObject);
        }
        catch (Exception damaged) when (damaged is JsonException or InvalidOperationException or FormatException)
        {
            throw Damaged(subject);
        }

        return format is not (0 or Format)
            ? throw new PersonalDataException($"Personal data is stored in format {format}, which this version of the library does not know; it knows {Format}.", subject)
            : subject is null || data is null || format == 0
                ? throw Damaged(subject)
                : new Read(subject, data.Value, forgotten, (int)reader.BytesConsumed);
    }

    private static PersonalDataException Damaged(string? subject) =>
        new("Personal data is damaged: what is stored in its place is not what was written there.", subject);

    private static void Expect(ref Utf8JsonReader reader, JsonTokenType type)
    {
        if (!reader.Read() || reader.TokenType != type)
        {
            throw new JsonException();
        }
    }

    /// <summary>What was read.</summary>
    /// <param name="Subject">Whose it is.</param>
    /// <param name="Data">Where the encrypted value stands, as base64 in a JSON string.</param>
    /// <param name="Forgotten">Where the JSON stands that it reads as when forgotten; null for a text.</param>
    /// <param name="Length">How long it is.</param>
    public readonly record struct Read(string Subject, Range Data, Range? Forgotten, int Length);
}
