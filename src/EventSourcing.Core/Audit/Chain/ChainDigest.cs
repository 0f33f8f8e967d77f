using System.Security.Cryptography;

namespace EventSourcing;

/// <summary>Puts the heads of all streams up to a position into one hash.</summary>
internal sealed class ChainDigest(LogPosition upTo) : IDisposable
{
    private readonly IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private (StreamName Stream, StreamVersion Version, ReadOnlyMemory<byte> Hash)? head;

    public LogPosition UpTo => upTo;

    /// <summary>Looks at an event; streams come one after the other.</summary>
    public void Take(ChainedEvent chained)
    {
        if (head is { } last && last.Stream != chained.Stream)
        {
            EndStream();
        }

        if (chained.Recorded is { } recorded && recorded.Position <= upTo && !chained.Hash.IsEmpty)
        {
            head = (chained.Stream, recorded.Version, chained.Hash);
        }
    }

    public string End()
    {
        EndStream();
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    public void Dispose() => hash.Dispose();

    private void EndStream()
    {
        if (head is { } last)
        {
            EventHash.Append(hash, last.Stream.Value);
            EventHash.Append(hash, last.Version.Value);
            EventHash.Append(hash, last.Hash.Span);
            head = null;
        }
    }
}
