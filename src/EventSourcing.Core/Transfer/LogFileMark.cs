using System.Security.Cryptography;
using System.Text.Json;

namespace EventSourcing;

/// <summary>A checkpoint of a written log, or its last line: what stands before is whole.</summary>
/// <param name="Events">How many events stand before it.</param>
/// <param name="Position">The position of the last of them.</param>
/// <param name="Sum">The SHA-256 of all lines since the checkpoint before, that one included: so each vouches for everything before it.</param>
internal sealed record LogFileMark(long Events, LogPosition Position, string Sum)
{
    public static ReadOnlySpan<byte> CheckpointPrefix => "{\"checkpoint\":"u8;

    public static ReadOnlySpan<byte> EndPrefix => "{\"end\":"u8;

    public static string Of(IncrementalHash hash) => Convert.ToHexStringLower(hash.GetHashAndReset());

    public void Write(Utf8JsonWriter json, bool isEnd)
    {
        json.WriteStartObject();
        json.WriteStartObject(isEnd ? "end" : "checkpoint");
        json.WriteNumber("events", Events);
        json.WriteNumber("position", Position.Value);
        json.WriteString("sha256", Sum);
        json.WriteEndObject();
        json.WriteEndObject();
    }

    public static LogFileMark Read(ReadOnlyMemory<byte> line)
    {
        using var document = JsonDocument.Parse(line);
        var mark = document.RootElement.EnumerateObject().First().Value;
        return new LogFileMark(
            mark.GetProperty("events").GetInt64(), new LogPosition(mark.GetProperty("position").GetInt64()), mark.GetProperty("sha256").GetString() ?? string.Empty);
    }
}
