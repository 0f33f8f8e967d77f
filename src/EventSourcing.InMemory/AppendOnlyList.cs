namespace EventSourcing.InMemory;

/// <summary>
/// A list that only grows. A snapshot is a view of the array as it is: growing replaces the array, and what a snapshot
/// shows is never written again, so that it can be read without the lock under which it was taken.
/// </summary>
internal sealed class AppendOnlyList<T>
{
    private T[] items = new T[4];

    public int Count { get; private set; }

    public T this[int index] => items[index];

    public void Add(T item)
    {
        if (Count == items.Length)
        {
            Array.Resize(ref items, items.Length * 2);
        }

        items[Count++] = item;
    }

    /// <summary>Another list, without some: what was shown of this one stays as it is.</summary>
    public AppendOnlyList<T> Without(Predicate<T> isGone)
    {
        var left = new AppendOnlyList<T>();
        foreach (var item in Snapshot().Span)
        {
            if (!isGone(item))
            {
                left.Add(item);
            }
        }

        return left;
    }

    public ReadOnlyMemory<T> Snapshot() => items.AsMemory(0, Count);
}
