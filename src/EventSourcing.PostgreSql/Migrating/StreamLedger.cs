using System.Buffers.Binary;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace EventSourcing.PostgreSql;

/// <summary>Which streams of a source were seen, and how far each has come: that their versions follow, and that no two have one name.</summary>
/// <remarks>It holds hashes of the names, some 100 bytes for each stream: a source may have millions.</remarks>
internal sealed class StreamLedger
{
    private readonly Dictionary<UInt128, long> versions = [];
    private readonly HashSet<UInt128> names = [];

    public long Streams => versions.Count;

    /// <summary>Takes a stream over as an earlier run has left it.</summary>
    public void Restore(string sourceStream, string name, long version)
    {
        versions[HashOf(sourceStream)] = version;
        names.Add(HashOf(name));
    }

    /// <summary>The next event; what does not fit is what follows is held against all the same.</summary>
    public Misfit? Follow(ForeignEvent row)
    {
        ref var version = ref CollectionsMarshal.GetValueRefOrAddDefault(versions, HashOf(row.SourceStream), out var isKnown);
        var before = version;
        version = row.Version;
        if (!isKnown && !names.Add(HashOf(row.Stream!)))
        {
            return Misfit.Of(
                "Another stream of the source has the same name here",
                row,
                $"another stream of the source comes to the name '{Misfit.Shorten(row.Stream!)}', too. Give StreamName a function that tells them apart.");
        }

        if (row.Version < 1)
        {
            return Misfit.Of("The first version of a stream is 1", row, string.Create(CultureInfo.InvariantCulture, $"it has the version {row.Version}; the first one is 1."));
        }

        if (row.Version == before + 1 || (!isKnown && row.IsSummary))
        {
            return null;
        }

        return isKnown
            ? Misfit.Of("A version does not follow", row, string.Create(CultureInfo.InvariantCulture, $"it has the version {row.Version}, which does not follow {before}."))
            : Misfit.Of("A stream does not begin", row, string.Create(CultureInfo.InvariantCulture, $"it is the first one left of its stream, and has the version {row.Version}."));
    }

    private static UInt128 HashOf(string text)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(MemoryMarshal.AsBytes(text.AsSpan()), hash);
        return BinaryPrimitives.ReadUInt128LittleEndian(hash);
    }
}
