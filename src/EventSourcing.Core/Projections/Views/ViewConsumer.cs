namespace EventSourcing;

/// <summary>
/// Runs a view projection: a page is one load of the views that are not at hand, a fold in memory, and one write with the
/// checkpoint.
/// </summary>
/// <remarks>Views stay at hand from page to page, a bounded number of them. That is safe while nobody else can have written: every
/// write is checked against the lease's epoch and the checkpoint, so one of a page that rests on old views is refused.</remarks>
internal sealed class ViewConsumer<TView> : IProjection, IKeyedProjection
    where TView : class
{
    private readonly ViewProjection<TView> projection;
    private readonly IViewTable<TView> table;
    private readonly System.Collections.Concurrent.ConcurrentDictionary<ConsumerKey, RecentViews<TView>> recent = [];

    public ViewConsumer(ViewProjection<TView> projection, IViewTable<TView> table)
    {
        if (projection.Shards > 1 && !projection.IsByStream)
        {
            throw new ArgumentException(
                $"Projection '{projection.Name}' cannot be divided into shards: events of different streams change the same view.", nameof(projection));
        }

        _ = new StreamShard(0, projection.Shards);
        this.projection = projection;
        this.table = table;
    }

    public string Name => projection.Name;

    public int Version => projection.Version;

    public int Shards => projection.Shards;

    public IReadOnlyCollection<Type> EventTypes => projection.EventTypes;

    public IReadOnlyCollection<string> Categories => projection.Categories;

    public Task<LogPosition> LoadPositionAsync(ConsumerLease lease, CancellationToken cancellationToken)
    {
        if (lease.Role == ConsumerRole.Serving)
        {
            // What it has replaced is not run any more.
            foreach (var older in recent.Keys.Where(key => key.Generation < lease.Key.Generation))
            {
                recent.TryRemove(older, out _);
            }
        }

        recent[lease.Key] = new RecentViews<TView>();
        return table.PrepareAsync(lease, cancellationToken);
    }

    public IEnumerable<string> KeysOf(EventEnvelope envelope) => projection.KeysOf(envelope);

    public Task RebuildAsync(string key, LiveViews live, CancellationToken cancellationToken) => table.ReplaceAsync(
        key, position => live.FoldAsync(projection, key, PointInLog.At(position), cancellationToken), cancellationToken);

    public async Task ApplyAsync(ConsumerLease lease, EventPage page, CancellationToken cancellationToken)
    {
        var views = recent[lease.Key];
        var keys = page.Events.Select(envelope => projection.KeysOf(envelope)).ToArray();
        var missing = keys.SelectMany(some => some).Distinct(StringComparer.Ordinal).Where(key => !views.Contains(key)).ToArray();
        var changes = new Dictionary<string, TView?>(StringComparer.Ordinal);
        try
        {
            if (missing.Length > 0)
            {
                var loaded = await table.LoadAsync(lease, missing, cancellationToken).ConfigureAwait(false);
                foreach (var key in missing)
                {
                    views.Set(key, loaded.GetValueOrDefault(key));
                }
            }

            for (var i = 0; i < keys.Length; i++)
            {
                foreach (var key in keys[i])
                {
                    var before = changes.TryGetValue(key, out var changed) ? changed : views.Get(key);
                    var after = projection.Fold(before, key, page.Events[i]);

                    // Also where it is the same object: a handler may have changed it in place.
                    if (before is not null || after is not null)
                    {
                        changes[key] = after;
                    }
                }
            }

            await table.WriteAsync(lease, page, changes, cancellationToken).ConfigureAwait(false);
        }
        catch
        {
            // What is at hand may be ahead of what was written, or the other way round.
            recent[lease.Key] = new RecentViews<TView>();
            throw;
        }

        foreach (var (key, view) in changes)
        {
            views.Set(key, view);
        }

        views.Trim();
    }
}
