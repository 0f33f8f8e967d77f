using System.Globalization;

namespace EventSourcing.PostgreSql;

/// <summary>
/// The advisory locks by which an append and those who decide by its events wait for each other. Events share the keys of their
/// tags and types; a condition excludes others from one key for each of its items: any of its tags, or its types where it has no tag.
/// </summary>
/// <remarks>
/// Tags and types are hashed into a bounded number of keys, so that no append can exhaust the server's table of locks; that two
/// share a key makes them wait for each other, no more. All processes must hash alike: the function never changes.
/// </remarks>
internal static class BoundaryKeys
{
    /// <summary>Shared by every append, for conditions on all events.</summary>
    private const int Everything = 0;

    /// <summary>Shared by every condition: who writes so much that its own keys would be too many excludes conditions from one of these.
    /// Two, so that an import may have two batches under way.</summary>
    private const int FirstOfMany = 1;

    private const int FirstStripe = 3;
    private const int Stripes = 4096;

    /// <summary>More would take up too much of the server's table of locks, which has 64 for each connection by default.</summary>
    public const int Most = 256;

    /// <summary>The key of an event's type.</summary>
    public static int OfType(string type) => FirstStripe + (Hash(type, seed: 0x9E3779B9) % Stripes);

    /// <summary>The keys of an append as the functions take them: from 1, rising, each once in its strongest mode, negative where it
    /// excludes all others.</summary>
    public static int[] Of(AppendRequest request)
    {
        // Most appends: nothing to gather.
        if (request is { Condition: null, EventCount: 1, Streams: [{ Events: [{ Tags.Count: 0 } only] }] })
        {
            return [Coded(Everything, isExclusive: false), Coded(OfType(only.Type), isExclusive: false)];
        }

        var keys = new SortedDictionary<int, bool> { [Everything] = false };
        foreach (var part in request.Streams)
        {
            foreach (var data in part.Events)
            {
                keys[OfType(data.Type)] = false;
                foreach (var tag in data.Tags)
                {
                    keys[OfTag(tag)] = false;
                }
            }
        }

        if (request.Condition is { } condition)
        {
            keys[FirstOfMany] = false;
            keys[FirstOfMany + 1] = false;
            foreach (var key in condition.Query.IsAll ? [Everything] : condition.Query.Items.SelectMany(OfItem))
            {
                keys[key] = true;
            }
        }

        if (keys.Count > Most)
        {
            return request.Condition is null ? OfMany(0) : [Coded(Everything, isExclusive: true)];
        }

        return [.. keys.Select(key => Coded(key.Key, key.Value))];
    }

    /// <summary>The keys of one that writes too much to have its own: it excludes conditions, and one of two like it.</summary>
    public static int[] OfMany(int which) => [Coded(Everything, isExclusive: false), Coded(FirstOfMany + which, isExclusive: true)];

    /// <summary>The keys of appends that go together, as for one.</summary>
    public static int[] Union(IEnumerable<int[]> appends)
    {
        var distinct = new HashSet<int>();
        foreach (var keys in appends)
        {
            distinct.UnionWith(keys);
        }

        // Where one excludes others, no other is among these appends.
        int[] union = [.. distinct];
        Array.Sort(union, static (one, other) => Math.Abs(one).CompareTo(Math.Abs(other)));
        return union;
    }

    /// <summary>Takes the lock of a key <c>l.key</c>, as an expression of SQL: what <see cref="Coded"/> has written, read.</summary>
    public static string Taken(SchemaName schema) => string.Create(
        CultureInfo.InvariantCulture,
        $"case when l.key < 0 then pg_advisory_xact_lock({schema.BoundaryLock} - l.key - 1) else pg_advisory_xact_lock_shared({schema.BoundaryLock} + l.key - 1) end");

    private static int Coded(int key, bool isExclusive) => isExclusive ? -(key + 1) : key + 1;

    private static IEnumerable<int> OfItem(EventQueryItem item) => item.Tags.Count > 0 ? [OfTag(item.Tags[0])] : item.Types.Select(OfType);

    private static int OfTag(Tag tag) => FirstStripe + (Hash(tag.Value, seed: 2166136261) % Stripes);

    // FNV-1a, by Fowler, Noll and Vo, over UTF-16 code units; folded, because its low bits alone are weak.
    private static int Hash(string text, uint seed)
    {
        var hash = seed;
        foreach (var unit in text)
        {
            hash = (hash ^ unit) * 16777619;
        }

        return (int)((hash ^ (hash >> 15)) & int.MaxValue);
    }
}
