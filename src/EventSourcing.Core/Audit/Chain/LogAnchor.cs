using System.Globalization;

namespace EventSourcing;

/// <summary>All chains of the log up to a position, in one hash: kept elsewhere, it tells later whether anything up to there was rewritten,
/// however consistently.</summary>
/// <remarks>The digest is the SHA-256 over the name, version and hash of the last event up to the position of each stream that has one,
/// encoded as <see cref="EventHash"/> does, in the order of <see cref="IHashChain.ReadChainsAsync"/>.</remarks>
/// <param name="Position">Up to where.</param>
/// <param name="Shard">Of which streams.</param>
/// <param name="Digest">The hash, in hexadecimal digits.</param>
public sealed record LogAnchor(LogPosition Position, StreamShard Shard, string Digest)
{
    /// <summary>Reads what <see cref="ToString"/> has written.</summary>
    /// <param name="text">The text.</param>
    /// <exception cref="FormatException">It is no anchor.</exception>
    public static LogAnchor Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        try
        {
            if (text.Split(':') is [var position, var shard, { Length: EventHash.Size * 2 } digest]
                && digest.All(char.IsAsciiHexDigitLower)
                && shard.Split('/') is [var number, var count])
            {
                return new LogAnchor(
                    new LogPosition(long.Parse(position, NumberStyles.None, CultureInfo.InvariantCulture)),
                    new StreamShard(Number(number) - 1, Number(count)),
                    digest);
            }
        }
        catch (Exception unfit) when (unfit is FormatException or OverflowException or ArgumentException)
        {
            throw NoAnchor(unfit);
        }

        throw NoAnchor(null);
    }

    /// <summary>One line, to be kept where nobody who can write to the database can write: <c>5000:1/1:9f86d0…</c>.</summary>
    public override string ToString() => $"{Position}:{Shard}:{Digest}";

    private static int Number(string text) => int.Parse(text, NumberStyles.None, CultureInfo.InvariantCulture);

    private static FormatException NoAnchor(Exception? inner) => new("This is no anchor: it looks like '5000:1/1:' and 64 hexadecimal digits.", inner);
}
