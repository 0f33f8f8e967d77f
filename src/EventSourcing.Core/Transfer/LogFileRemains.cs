namespace EventSourcing;

/// <summary>What an export that was broken off has left in its file, up to the last checkpoint that vouches for everything before it.</summary>
/// <param name="Header">The first line.</param>
/// <param name="Last">The checkpoint; null where none is good.</param>
/// <param name="LastLine">Its line, with the line break.</param>
/// <param name="Bytes">Where that ends in the file: what follows is to be cut off.</param>
/// <param name="IsWhole">Whether it is the end of the log.</param>
internal sealed record LogFileRemains(LogFileHeader Header, LogFileMark? Last, byte[] LastLine, long Bytes, bool IsWhole)
{
    /// <summary>Looks what the file holds from its position on.</summary>
    /// <returns>Null where there is nothing, or not even a whole first line, which is cut off.</returns>
    /// <exception cref="InvalidDataException">It is something else.</exception>
    /// <exception cref="ArgumentException">It cannot be read, and would be written over.</exception>
    public static async Task<LogFileRemains?> FindAsync(Stream file, CancellationToken cancellationToken)
    {
        if (!file.CanSeek || file.Length <= file.Position)
        {
            return null;
        }

        if (!file.CanRead)
        {
            throw new ArgumentException("The file holds something already and cannot be read: open it for both, to go on with it, or empty it.", nameof(file));
        }

        var origin = file.Position;
        using var lines = new LogFileLines(file);
        await lines.ReadAsync(cancellationToken).ConfigureAwait(false);
        if (lines.IsTorn && (lines.Line.Span.StartsWith(LogFileHeader.Prefix) || LogFileHeader.Prefix.StartsWith(lines.Line.Span)))
        {
            file.SetLength(origin);
            file.Position = origin;
            return null;
        }

        var header = LogFileHeader.Read(lines.Line);
        if (header.Minor > LogFileHeader.CurrentMinor)
        {
            throw new InvalidDataException("The file was begun by a later version of this library, which alone can go on with it.");
        }

        lines.Accept();
        var found = new LogFileRemains(header, null, [], origin, IsWhole: false);
        while (!found.IsWhole && await lines.ReadAsync(cancellationToken).ConfigureAwait(false) && !lines.IsTorn)
        {
            var isEnd = lines.Line.Span.StartsWith(LogFileMark.EndPrefix);
            if (isEnd || lines.Line.Span.StartsWith(LogFileMark.CheckpointPrefix))
            {
                if (ReadMark(lines) is not { } mark || mark.Sum != lines.TakeSum())
                {
                    break;
                }

                found = found with { Last = mark, LastLine = [.. lines.Line.Span, (byte)'\n'], Bytes = origin + lines.Bytes, IsWhole = isEnd };
            }

            lines.Accept();
        }

        return found;
    }

    private static LogFileMark? ReadMark(LogFileLines lines)
    {
        try
        {
            return LogFileMark.Read(lines.Line);
        }
        catch (Exception unreadable) when (LogEventLine.IsOfTheLine(unreadable))
        {
            return null;
        }
    }
}
