namespace EventSourcing;

/// <summary>The views of one shard that were used lately, also those that are known not to exist.</summary>
internal sealed class RecentViews<TView>
    where TView : class
{
    private const int Most = 10_000;

    private readonly Dictionary<string, TView?> views = new(StringComparer.Ordinal);

    public bool Contains(string key) => views.ContainsKey(key);

    public TView? Get(string key) => views[key];

    public void Set(string key, TView? view) => views[key] = view;

    /// <summary>Between pages, because a page needs all of its own: forgets everything when it has become too much, which costs one
    /// load of what is in use and no bookkeeping for each event.</summary>
    public void Trim()
    {
        if (views.Count > Most)
        {
            views.Clear();
        }
    }
}
