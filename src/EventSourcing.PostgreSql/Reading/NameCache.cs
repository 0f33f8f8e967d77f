using System.Buffers.Binary;
using System.Numerics;
using System.Text;

namespace EventSourcing.PostgreSql;

/// <summary>
/// Names as they were made last, found by their bytes: no string, and no check of it, for each row that is read. Of names that
/// share a place the last one stays, so that it needs no bound and no lock. Only names in ASCII are found.
/// </summary>
/// <typeparam name="T">What stands for a name: a string, or a struct around one, so that it is written to its place at once.</typeparam>
/// <param name="make">Makes what stands for a name.</param>
/// <param name="text">The name; nothing for the default of <typeparamref name="T"/>.</param>
internal sealed class NameCache<T>(Func<string, T> make, Func<T?, string> text)
{
    private const int PlaceBits = 14;

    private readonly T?[] places = new T?[1 << PlaceBits];

    public T Of(ReadOnlySpan<byte> utf8)
    {
        ref var place = ref places[PlaceOf(utf8)];
        var name = place;

        // An empty name stands nowhere: it is what a place that was never used looks like.
        if (!utf8.IsEmpty && Ascii.Equals(utf8, text(name)))
        {
            return name!;
        }

        var made = make(Encoding.UTF8.GetString(utf8));
        place = made;
        return made;
    }

    /// <summary>Eight bytes at a time, the last eight perhaps twice; the multiplier is 2 to the power of 64 over the golden ratio.</summary>
    private static int PlaceOf(ReadOnlySpan<byte> utf8)
    {
        var hash = (ulong)utf8.Length;
        if (utf8.Length < sizeof(ulong))
        {
            foreach (var one in utf8)
            {
                hash = (hash << 8) | one;
            }
        }
        else
        {
            var last = utf8[^sizeof(ulong)..];
            for (; utf8.Length > sizeof(ulong); utf8 = utf8[sizeof(ulong)..])
            {
                hash = Mixed(hash, BinaryPrimitives.ReadUInt64LittleEndian(utf8));
            }

            hash = Mixed(hash, BinaryPrimitives.ReadUInt64LittleEndian(last));
        }

        return (int)(Mixed(hash, 0) >> (64 - PlaceBits));
    }

    private static ulong Mixed(ulong hash, ulong word) => (BitOperations.RotateLeft(hash, 23) ^ word) * 0x9E37_79B9_7F4A_7C15;
}
