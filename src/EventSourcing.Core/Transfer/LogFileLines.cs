using System.Security.Cryptography;

namespace EventSourcing;

/// <summary>The lines of a written log, one after the other, and the checksum of those that were taken.</summary>
internal sealed class LogFileLines(Stream file) : IDisposable
{
    /// <summary>Longer than any line of an event that a store takes.</summary>
    private const int MaxLine = 1 << 30;

    private readonly IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private byte[] buffer = new byte[1 << 18];
    private int start;
    private int searched;
    private int end;
    private bool isAtEnd;

    /// <summary>The line, until the next one is read; without its line break.</summary>
    public ReadOnlyMemory<byte> Line { get; private set; }

    /// <summary>Its number, from 1.</summary>
    public long Number { get; private set; }

    /// <summary>Whether the file ends within it.</summary>
    public bool IsTorn { get; private set; }

    /// <summary>The bytes of all lines up to and with it.</summary>
    public long Bytes { get; private set; }

    /// <summary>Reads the next line.</summary>
    /// <returns>False where there is none.</returns>
    public async ValueTask<bool> ReadAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            var at = buffer.AsSpan(searched, end - searched).IndexOf((byte)'\n');
            if (at >= 0)
            {
                Take(searched + at, next: searched + at + 1);
                return true;
            }

            searched = end;
            if (isAtEnd)
            {
                if (start == end)
                {
                    return false;
                }

                IsTorn = true;
                Take(end, next: end);
                return true;
            }

            MakeRoom();
            var read = await file.ReadAsync(buffer.AsMemory(end), cancellationToken).ConfigureAwait(false);
            end += read;
            isAtEnd = read == 0;
        }
    }

    /// <summary>Adds the line to the checksum.</summary>
    public void Accept()
    {
        hash.AppendData(Line.Span);
        hash.AppendData("\n"u8);
    }

    /// <summary>The checksum of the lines that were added since it was asked for last.</summary>
    public string TakeSum() => LogFileMark.Of(hash);

    public InvalidDataException Unreadable(string what, Exception? inner = null) => new(FormattableString.Invariant($"Line {Number}: {what}"), inner);

    public void Dispose() => hash.Dispose();

    private void Take(int lineEnd, int next)
    {
        Line = buffer.AsMemory(start, lineEnd - start);
        Bytes += next - start;
        start = searched = next;
        Number++;
    }

    private void MakeRoom()
    {
        if (start > 0)
        {
            buffer.AsSpan(start, end - start).CopyTo(buffer);
            (searched, end, start) = (searched - start, end - start, 0);
        }

        if (end == buffer.Length)
        {
            Array.Resize(ref buffer, end < MaxLine ? end * 2 : throw new InvalidDataException(FormattableString.Invariant($"Line {Number + 1} is longer than any line of a log.")));
        }
    }
}
