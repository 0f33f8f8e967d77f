using System.Globalization;
using System.Text;

namespace EventSourcing.Torture;

/// <summary>What a subscriber has seen, an event a line, and its checkpoint in one: who continues goes on after the last line.</summary>
internal sealed class SeenFile : IDisposable
{
    private readonly FileStream file;

    private SeenFile(FileStream file, long last) => (this.file, Last) = (file, last);

    /// <summary>The position of the last event; 0 at the start.</summary>
    public long Last { get; }

    /// <summary>Continues where the last process ended, which may have been in the middle of a line.</summary>
    public static SeenFile Continue(string folder, string subscriber)
    {
        var path = PathOf(folder, subscriber);
        var last = LineFile.Lines(path) is [.., var end] ? PositionOf(end) : 0;
        var file = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read, bufferSize: 0);
        file.SetLength(LengthOfWholeLines(file));
        file.Seek(0, SeekOrigin.End);
        return new SeenFile(file, last);
    }

    public static string PathOf(string folder, string subscriber) => Path.Combine(folder, subscriber + ".seen");

    /// <summary>The position of the last whole line, without reading all; 0 where there is none.</summary>
    public static long LastOf(string path)
    {
        const int MoreThanTwoLines = 4_096;
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        file.Seek(-Math.Min(file.Length, MoreThanTwoLines), SeekOrigin.End);
        using var reader = new StreamReader(file);
        var text = reader.ReadToEnd();
        return text[..(text.LastIndexOf('\n') + 1)].Split('\n', StringSplitOptions.RemoveEmptyEntries) is [.., var last] ? PositionOf(last) : 0;
    }

    public static string LineOf(StoredEvent stored) =>
        string.Create(CultureInfo.InvariantCulture, $"{stored.Position} {stored.Version} {stored.Id:N} {stored.Print} {stored.Stream}");

    public static long PositionOf(string line) => long.Parse(line.AsSpan(0, line.IndexOf(' ')), CultureInfo.InvariantCulture);

    public void Write(RecordedEvent recorded)
    {
        var stored = new StoredEvent(
            recorded.Position.Value, recorded.Stream.Value, recorded.Version.Value, recorded.Id,
            Fingerprint.Of(recorded.Type, recorded.Data.Span, recorded.Metadata.Span));
        file.Write(Encoding.UTF8.GetBytes(LineOf(stored) + "\n"));
    }

    public void Dispose() => file.Dispose();

    private static long LengthOfWholeLines(FileStream file)
    {
        for (var length = file.Length; length > 0; length--)
        {
            file.Seek(length - 1, SeekOrigin.Begin);
            if (file.ReadByte() == '\n')
            {
                return length;
            }
        }

        return 0;
    }
}
