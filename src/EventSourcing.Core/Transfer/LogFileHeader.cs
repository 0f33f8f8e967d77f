using System.Globalization;
using System.Text.Json;

namespace EventSourcing;

/// <summary>The first line of a written log.</summary>
/// <param name="Source">The log that it is of.</param>
/// <param name="End">Where that ended when it was begun.</param>
/// <param name="Minor">Its version: 1 and this. A later one may have properties and lines that can be left out.</param>
internal sealed record LogFileHeader(string Source, LogPosition End, int Minor)
{
    private const int Major = 1;
    private const string Format = "eventsourcing-log";

    /// <summary>The version that is written here.</summary>
    public const int CurrentMinor = 0;

    /// <summary>How the first line begins, of whatever version.</summary>
    public static ReadOnlySpan<byte> Prefix => "{\"format\":\"eventsourcing-log\","u8;

    public void Write(Utf8JsonWriter json, DateTimeOffset now)
    {
        json.WriteStartObject();
        json.WriteString("format", Format);
        json.WriteString("version", string.Create(CultureInfo.InvariantCulture, $"{Major}.{CurrentMinor}"));
        json.WriteString("source", Source);
        json.WriteNumber("end", End.Value);
        json.WriteString("exportedAt", now);
        json.WriteEndObject();
    }

    /// <summary>Reads it.</summary>
    /// <exception cref="InvalidDataException">It is none, or one of a later version.</exception>
    public static LogFileHeader Read(ReadOnlyMemory<byte> line)
    {
        if (!line.Span.StartsWith(Prefix))
        {
            throw new InvalidDataException("Line 1 is not the first line of an exported log: it begins with {\"format\":\"eventsourcing-log\", … }.");
        }

        try
        {
            using var document = JsonDocument.Parse(line);
            var header = document.RootElement;
            var version = header.GetProperty("version").GetString()!.Split('.');
            var (major, minor) = (int.Parse(version[0], CultureInfo.InvariantCulture), int.Parse(version[1], CultureInfo.InvariantCulture));
            return major == Major
                ? new LogFileHeader(header.GetProperty("source").GetString()!, new LogPosition(header.GetProperty("end").GetInt64()), minor)
                : throw new InvalidDataException(string.Create(
                    CultureInfo.InvariantCulture, $"The file has version {major} of its format; this library reads version {Major}. Update the package."));
        }
        catch (Exception unreadable) when (LogEventLine.IsOfTheLine(unreadable))
        {
            throw new InvalidDataException($"Line 1 cannot be read: {unreadable.Message}", unreadable);
        }
    }
}
