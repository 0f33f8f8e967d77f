using System.Globalization;
using System.Text;
using System.Text.Json;

namespace EventSourcing.Torture;

/// <summary>Bytes that are JSON, nearly JSON, or not at all.</summary>
internal sealed class HostileJson(Random random)
{
    private static readonly string[] Scalars =
    [
        "null", "true", "false", "0", "-0", "0.1000", "1.0", "1e5", "1E+5", "1e-999", "1e999", "-1e999", "123456789012345678901234567890",
        "12345678901234567890123456789012345678901234567890.00000000000000000000000000000000000000000000000001", "\"\"", "\"a\"",
        """ "\u0000" """, """ "\ud800" """, """ "\udc00\ud800" """, """ "\ud83c\udf89" """, """ "\/\b\f\n\r\t\"\\" """, """ "'; drop table events; --" """,
        "\"größe ✓ 漢字 🎉\"", "\"\u007f\u0080\u2028\uffff\"", """ "$type" """,
    ];

    private static readonly string[] Names = ["a", "a", "b", "A", "", "$type", "$id", "__proto__", "\\u0061", "correlationId", "commandId", "traceparent", "n'; --", "größe", "\\ud800"];

    private static readonly string[] White = ["", "", "", " ", "\t", "\n", "\r", "  \n "];

    private static readonly byte[][] Intruders =
    [
        [0xEF, 0xBB, 0xBF], [0x00], [0x01], [0xC3], [0xED, 0xA0, 0x80], [0xC0, 0x80], [0xF4, 0x90, 0x80, 0x80], [0xFF], [0x80], .. new[]
        {
            ",", "//x\n", "/*x*/", "NaN", "Infinity", "-Infinity", "'a'", "01", "1.", ".5", "+1", "0x1", "1e", "tru", "undefined", "{a:1}", "[1,]", "{\"a\":1,}",
            "{\"a\"}", "{,}", "]", "}", "\"", "\\", "\u00a0", "\u2028", "\v", "\f", "\"\\x41\"", "\"\\u12\"", "\"\u0001\"", "\"\n\"",
        }.Select(Encoding.UTF8.GetBytes),
    ];

    /// <summary>Most often JSON, and else something else.</summary>
    public byte[] Next() => random.Next(10) switch
    {
        0 => Broken(Encoding.UTF8.GetBytes(Value(random.Next(4)))),
        1 => Nested(random.Next(4) switch { 0 => EventData.MaxDepth - 1, 1 => EventData.MaxDepth, 2 => EventData.MaxDepth + 1, _ => random.Next(1, 3_000) }),
        2 => [],
        3 => Broken(Broken(Encoding.UTF8.GetBytes(Value(random.Next(4))))),
        _ => Encoding.UTF8.GetBytes(Value(random.Next(5))),
    };

    /// <summary>An object, which is what metadata are; now and then not.</summary>
    public byte[] NextMetadata() => random.Next(4) switch
    {
        0 => [],
        1 => Next(),
        _ => Encoding.UTF8.GetBytes(Object(random.Next(4))),
    };

    /// <summary>JSON whatever the seed.</summary>
    public string Value(int depth) => White[random.Next(White.Length)] + random.Next(depth <= 0 ? 1 : 4) switch
    {
        1 => Object(depth),
        2 => "[" + string.Join(',', Enumerable.Range(0, random.Next(4)).Select(_ => Value(depth - 1))) + "]",
        3 => random.NextInt64().ToString(CultureInfo.InvariantCulture),
        _ => Scalars[random.Next(Scalars.Length)],
    } + White[random.Next(White.Length)];

    public byte[] Broken(byte[] json)
    {
        var at = random.Next(json.Length + 1);
        return random.Next(5) switch
        {
            0 => json[..at],
            1 => json[at..],
            2 when at < json.Length => [.. json[..at], (byte)random.Next(256), .. json[(at + 1)..]],
            3 => [.. json, .. json],
            _ => [.. json[..at], .. Intruders[random.Next(Intruders.Length)], .. json[at..]],
        };
    }

    /// <summary>Whether bytes are one JSON value in UTF-8, by other means than the library's.</summary>
    public static bool IsJson(byte[] bytes, bool isObject = false)
    {
        try
        {
            var text = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true).GetString(bytes);
            using var document = JsonDocument.Parse(text, new JsonDocumentOptions { MaxDepth = EventData.MaxDepth });
            return !isObject || document.RootElement.ValueKind == JsonValueKind.Object;
        }
        catch (Exception notJson) when (notJson is JsonException or DecoderFallbackException or ArgumentException)
        {
            return false;
        }
    }

    private string Object(int depth) =>
        "{" + string.Join(',', Enumerable.Range(0, random.Next(4)).Select(_ => $"\"{Names[random.Next(Names.Length)]}\":{Value(depth - 1)}")) + "}";

    private byte[] Nested(int depth) => Encoding.UTF8.GetBytes(random.Next(2) == 0
        ? new string('[', depth) + new string(']', depth)
        : string.Concat(Enumerable.Repeat("{\"a\":", depth)) + "1" + new string('}', depth));
}
