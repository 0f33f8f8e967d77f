namespace EventSourcing.InMemory;

/// <summary>The order of keys by their code points, as that of their bytes in UTF-8, which is how databases sort them. The ordinal order
/// is another where there are surrogates.</summary>
internal sealed class KeyOrder : IComparer<string>
{
    public static KeyOrder Instance { get; } = new();

    public int Compare(string? x, string? y)
    {
        var shared = x.AsSpan().CommonPrefixLength(y);
        if (x is null || y is null || shared == x.Length || shared == y.Length)
        {
            return (x?.Length ?? -1).CompareTo(y?.Length ?? -1);
        }

        // A pair of surrogates is beyond everything that one unit expresses.
        var isPair = char.IsSurrogate(x[shared]);
        return isPair == char.IsSurrogate(y[shared]) ? x[shared].CompareTo(y[shared]) : isPair ? 1 : -1;
    }
}
