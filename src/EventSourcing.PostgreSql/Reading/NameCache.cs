using System.Text;

namespace EventSourcing.PostgreSql;

/// <summary>
/// Names as they were made last, found by their UTF-8: no string, and no check of it, for each row that is read. Of names that
/// share a place the last one stays, so that it needs no bound and no lock.
/// </summary>
/// <param name="make">Makes what stands for a name.</param>
internal sealed class NameCache<T>(Func<string, T> make)
{
    private const int Places = 4096;

    private readonly Entry?[] entries = new Entry?[Places];

    public T Of(ReadOnlySpan<byte> utf8)
    {
        var hash = default(HashCode);
        hash.AddBytes(utf8);
        ref var place = ref entries[(uint)hash.ToHashCode() % Places];
        var entry = Volatile.Read(ref place);
        if (entry is null || !utf8.SequenceEqual(entry.Utf8))
        {
            entry = new Entry(utf8.ToArray(), make(Encoding.UTF8.GetString(utf8)));
            Volatile.Write(ref place, entry);
        }

        return entry.Name;
    }

    private sealed record Entry(byte[] Utf8, T Name);
}
