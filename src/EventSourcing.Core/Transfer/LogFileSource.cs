using System.Runtime.CompilerServices;

namespace EventSourcing;

/// <summary>A written log as a source. Events are handed out when the checkpoint behind them has vouched for them.</summary>
internal sealed class LogFileSource : ILogSource
{
    // More than is ever written between two checkpoints: what is not vouched for is held in memory.
    private const int MaxEvents = 100_000;
    private const long MaxBytes = 256 * 1024 * 1024;

    private readonly Stream file;
    private readonly long origin;
    private readonly LogFileHeader header;
    private readonly List<StreamInfo> streams;
    private LogFileLines? opened;

    private LogFileSource(Stream file, long origin, LogFileHeader header, List<StreamInfo> streams, LogFileLines opened)
    {
        this.file = file;
        this.origin = origin;
        this.header = header;
        this.streams = streams;
        this.opened = opened;
    }

    public string Name => $"export of {header.Source} up to {header.End}";

    public static async Task<LogFileSource> OpenAsync(Stream file, CancellationToken cancellationToken)
    {
        var origin = file.CanSeek ? file.Position : 0;
        var (header, streams, lines) = await ReadHeadAsync(file, cancellationToken).ConfigureAwait(false);
        return new LogFileSource(file, origin, header, streams, lines);
    }

    public Task<LogPosition> GetEndAsync(CancellationToken cancellationToken = default) => Task.FromResult(header.End);

    public IAsyncEnumerable<StreamInfo> ReadStreamsAsync(CancellationToken cancellationToken = default) => streams.ToAsyncEnumerable();

    public async IAsyncEnumerable<RecordedEvent> ReadAsync(LogPosition after, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        using var lines = await FromHeadAsync(cancellationToken).ConfigureAwait(false);
        var block = new LogFileBlock(lines.Number, mayHoldMore: header.Minor > LogFileHeader.CurrentMinor);
        var isWhole = false;
        while (!isWhole)
        {
            isWhole = await ReadBlockAsync(lines, block, after, cancellationToken).ConfigureAwait(false);
            foreach (var recorded in block.Events)
            {
                yield return recorded;
            }

            block.Begin();
        }
    }

    /// <summary>Reads up to and with the next checkpoint.</summary>
    /// <returns>Whether it is the end.</returns>
    private async Task<bool> ReadBlockAsync(LogFileLines lines, LogFileBlock block, LogPosition after, CancellationToken cancellationToken)
    {
        while (true)
        {
            await NextAsync(lines, cancellationToken).ConfigureAwait(false);
            if (lines.Line.Span.StartsWith(LogEventLine.Prefix))
            {
                if (block.Events.Count >= MaxEvents || block.Bytes >= MaxBytes)
                {
                    throw lines.Unreadable("no checkpoint was found where one is due.");
                }

                block.Add(lines, after);
            }
            else if (lines.Line.Span.StartsWith(LogFileMark.CheckpointPrefix))
            {
                block.Verify(lines);
                lines.Accept();
                return false;
            }
            else if (lines.Line.Span.StartsWith(LogFileMark.EndPrefix))
            {
                block.Verify(lines);
                return !await lines.ReadAsync(cancellationToken).ConfigureAwait(false) ? true : throw lines.Unreadable("the log has ended, and something follows.");
            }
            else if (header.Minor <= LogFileHeader.CurrentMinor)
            {
                throw lines.Unreadable("it is neither an event nor a checkpoint.");
            }

            lines.Accept();
        }
    }

    private async Task<LogFileLines> FromHeadAsync(CancellationToken cancellationToken)
    {
        if (Interlocked.Exchange(ref opened, null) is { } first)
        {
            return first;
        }

        if (!file.CanSeek)
        {
            throw new InvalidOperationException("The file cannot be sought, so it is read once only: open it again.");
        }

        file.Position = origin;
        return (await ReadHeadAsync(file, cancellationToken).ConfigureAwait(false)).Lines;
    }

    /// <summary>Reads up to and with the first checkpoint, which stands before the first event.</summary>
    private static async Task<(LogFileHeader Header, List<StreamInfo> Streams, LogFileLines Lines)> ReadHeadAsync(Stream file, CancellationToken cancellationToken)
    {
        var lines = new LogFileLines(file);
        if (!await lines.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            throw new InvalidDataException("The file is empty.");
        }

        var header = LogFileHeader.Read(lines.Line);
        var streams = new List<StreamInfo>();
        lines.Accept();
        while (true)
        {
            await NextAsync(lines, cancellationToken).ConfigureAwait(false);
            if (lines.Line.Span.StartsWith(LogFileMark.CheckpointPrefix))
            {
                new LogFileBlock(from: 1, mayHoldMore: false).Verify(lines);
                lines.Accept();
                return (header, streams, lines);
            }

            if (lines.Line.Span.StartsWith(LogStreamLine.Prefix))
            {
                streams.Add(LogFileBlock.Parsed(lines, static lines => LogStreamLine.Read(lines.Line)));
            }
            else if (header.Minor <= LogFileHeader.CurrentMinor || lines.Line.Span.StartsWith(LogEventLine.Prefix))
            {
                throw lines.Unreadable("it is neither a stream nor the checkpoint that stands before the first event.");
            }

            lines.Accept();
        }
    }

    private static async ValueTask NextAsync(LogFileLines lines, CancellationToken cancellationToken)
    {
        if (!await lines.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            throw new InvalidDataException(FormattableString.Invariant($"The file ends with line {lines.Number} and not with the end of the log: it is not whole."));
        }

        if (lines.IsTorn)
        {
            throw lines.Unreadable("the file ends within it: it is not whole.");
        }
    }
}
