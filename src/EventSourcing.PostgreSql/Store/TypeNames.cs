using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace EventSourcing.PostgreSql;

/// <summary>The names of event types as one string each, found by their UTF-8: no string for each row that is read.</summary>
internal sealed class TypeNames
{
    // Names are few. Should somebody make them up, the rest is not kept.
    private const int MaxNames = 10_000;

    private readonly ConcurrentDictionary<byte[], string> names;
    private readonly ConcurrentDictionary<byte[], string>.AlternateLookup<ReadOnlySpan<byte>> byBytes;

    public TypeNames()
    {
        names = new ConcurrentDictionary<byte[], string>(new BytesComparer());
        byBytes = names.GetAlternateLookup<ReadOnlySpan<byte>>();
    }

    public string Of(ReadOnlySpan<byte> utf8)
    {
        if (byBytes.TryGetValue(utf8, out var known))
        {
            return known;
        }

        var name = Encoding.UTF8.GetString(utf8);
        return names.Count < MaxNames ? names.GetOrAdd(utf8.ToArray(), name) : name;
    }

    private sealed class BytesComparer : IEqualityComparer<byte[]>, IAlternateEqualityComparer<ReadOnlySpan<byte>, byte[]>
    {
        public bool Equals(byte[]? left, byte[]? right) => left.AsSpan().SequenceEqual(right);

        public bool Equals(ReadOnlySpan<byte> alternate, byte[] other) => alternate.SequenceEqual(other);

        public int GetHashCode([DisallowNull] byte[] bytes) => GetHashCode(bytes.AsSpan());

        public int GetHashCode(ReadOnlySpan<byte> alternate)
        {
            var hash = default(HashCode);
            hash.AddBytes(alternate);
            return hash.ToHashCode();
        }

        public byte[] Create(ReadOnlySpan<byte> alternate) => alternate.ToArray();
    }
}
