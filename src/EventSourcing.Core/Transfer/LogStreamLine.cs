using System.Text.Json;

namespace EventSourcing;

/// <summary>A line that tells of a stream which does not simply begin at version 1.</summary>
internal static class LogStreamLine
{
    public static ReadOnlySpan<byte> Prefix => "{\"stream\":"u8;

    public static void Write(Utf8JsonWriter json, StreamInfo info)
    {
        json.WriteStartObject();
        json.WriteString("stream", info.Stream.Value);
        json.WriteNumber("version", info.Version.Value);
        json.WriteNumber("firstVersion", info.FirstVersion.Value);
        json.WriteString("state", info.State.ToString());
        if (info.StandIn is { } standIn)
        {
            json.WriteString("standIn", standIn.ToString());
        }

        json.WriteEndObject();
    }

    public static StreamInfo Read(ReadOnlyMemory<byte> line)
    {
        using var document = JsonDocument.Parse(line);
        var stream = document.RootElement;
        return new StreamInfo(
            stream.GetProperty("stream").GetString()!,
            new StreamVersion(stream.GetProperty("version").GetInt64()),
            new StreamVersion(stream.GetProperty("firstVersion").GetInt64()),
            Enum.Parse<StreamState>(stream.GetProperty("state").GetString()!))
        {
            StandIn = stream.TryGetProperty("standIn", out var standIn) ? Enum.Parse<StreamStandIn>(standIn.GetString()!) : null,
        };
    }
}
