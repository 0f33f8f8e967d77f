using System.Buffers;
using System.Security.Cryptography;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace EventSourcing;

/// <summary>Writes the lines of a log, and a checkpoint after every thousand events or four mebibytes.</summary>
internal sealed class LogFileWriter(Stream file) : IDisposable
{
    private const int EventsBetween = 1_000;
    private const int BytesBetween = 4 * 1024 * 1024;
    private const int Full = 1 << 17;

    // Validation would look at every payload again. What is written is read by JSON readers alone, so only what they need is escaped.
    private static readonly JsonWriterOptions Options = new() { SkipValidation = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private readonly ArrayBufferWriter<byte> buffer = new(Full * 2);
    private readonly Utf8JsonWriter json = new(Stream.Null, Options);
    private long eventsAtMark;
    private long bytesSinceMark;

    /// <summary>How many events are in the file.</summary>
    public long Events { get; private set; }

    /// <summary>The position of the last of them.</summary>
    public LogPosition Position { get; private set; }

    /// <summary>Writes what stands before the first event.</summary>
    public async Task BeginAsync(LogFileHeader header, IAsyncEnumerable<StreamInfo> streams, CancellationToken cancellationToken)
    {
        header.Write(NextLine(), TimeProvider.System.GetUtcNow());
        await EndLineAsync(cancellationToken).ConfigureAwait(false);
        await foreach (var stream in streams.WithCancellation(cancellationToken).ConfigureAwait(false))
        {
            LogStreamLine.Write(NextLine(), stream);
            await EndLineAsync(cancellationToken).ConfigureAwait(false);
        }

        await MarkAsync(isEnd: false, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Goes on behind a checkpoint.</summary>
    public void GoOn(byte[] line, LogFileMark mark)
    {
        hash.AppendData(line);
        (Events, eventsAtMark, Position) = (mark.Events, mark.Events, mark.Position);
    }

    /// <summary>Writes an event.</summary>
    /// <returns>Whether a checkpoint was due, and is written too.</returns>
    public async ValueTask<bool> AddAsync(RecordedEvent recorded, CancellationToken cancellationToken)
    {
        LogEventLine.Write(NextLine(), recorded);
        bytesSinceMark += json.BytesCommitted + json.BytesPending;
        (Events, Position) = (Events + 1, recorded.Position);
        await EndLineAsync(cancellationToken).ConfigureAwait(false);
        if (Events - eventsAtMark < EventsBetween && bytesSinceMark < BytesBetween)
        {
            return false;
        }

        await MarkAsync(isEnd: false, cancellationToken).ConfigureAwait(false);
        return true;
    }

    /// <summary>Writes that this was all.</summary>
    public async Task EndAsync(CancellationToken cancellationToken)
    {
        await MarkAsync(isEnd: true, cancellationToken).ConfigureAwait(false);
        await WriteAsync(cancellationToken).ConfigureAwait(false);
        await file.FlushAsync(cancellationToken).ConfigureAwait(false);
    }

    public void Dispose()
    {
        hash.Dispose();
        json.Dispose();
    }

    private async Task MarkAsync(bool isEnd, CancellationToken cancellationToken)
    {
        await WriteAsync(cancellationToken).ConfigureAwait(false);
        new LogFileMark(Events, Position, LogFileMark.Of(hash)).Write(NextLine(), isEnd);
        await EndLineAsync(cancellationToken).ConfigureAwait(false);
        (eventsAtMark, bytesSinceMark) = (Events, 0);
    }

    private Utf8JsonWriter NextLine()
    {
        json.Reset(buffer);
        return json;
    }

    private ValueTask EndLineAsync(CancellationToken cancellationToken)
    {
        json.Flush();
        buffer.Write("\n"u8);
        return buffer.WrittenCount < Full ? ValueTask.CompletedTask : new ValueTask(WriteAsync(cancellationToken));
    }

    private async Task WriteAsync(CancellationToken cancellationToken)
    {
        hash.AppendData(buffer.WrittenSpan);
        await file.WriteAsync(buffer.WrittenMemory, cancellationToken).ConfigureAwait(false);
        buffer.ResetWrittenCount();
    }
}
