using System.Runtime.CompilerServices;

namespace EventSourcing.InMemory;

/// <summary>The views of one projection: a dictionary for each generation, changed by a page at a time.</summary>
internal sealed class InMemoryViewTable<TView>(string projection, InMemoryConsumerStore consumers, EventSerializer serializer) : IViewTable<TView>
    where TView : class
{
    private readonly Lock gate = new();
    private readonly Dictionary<int, SortedDictionary<string, TView>> generations = [];

    public Task<LogPosition> PrepareAsync(ConsumerLease lease, CancellationToken cancellationToken)
    {
        // Before this lock: pages are written from within the consumer store's.
        var serving = consumers.ServingGeneration(projection);
        lock (gate)
        {
            generations.TryAdd(lease.Key.Generation, new SortedDictionary<string, TView>(KeyOrder.Instance));

            // What has been replaced is not read any more.
            foreach (var older in generations.Keys.Where(one => one < serving).ToArray())
            {
                generations.Remove(older);
            }
        }

        return Task.FromResult(consumers.PositionOf(lease));
    }

    public Task<IReadOnlyDictionary<string, TView>> LoadAsync(
        ConsumerLease lease, IReadOnlyCollection<string> keys, CancellationToken cancellationToken)
    {
        lock (gate)
        {
            var views = generations[lease.Key.Generation];
            return Task.FromResult<IReadOnlyDictionary<string, TView>>(
                keys.Where(views.ContainsKey).ToDictionary(key => key, key => views[key], StringComparer.Ordinal));
        }
    }

    public Task WriteAsync(ConsumerLease lease, EventPage page, IReadOnlyDictionary<string, TView?> changes, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        consumers.Move(lease, page, () => Set(lease.Key.Generation, changes));
        return Task.CompletedTask;
    }

    public async Task ReplaceAsync(string key, Func<LogPosition, Task<TView?>> fold, CancellationToken cancellationToken)
    {
        // Folded outside of the lock, and again where the projection has gone on in the meantime.
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var rows = (await consumers.ReadAsync(projection, cancellationToken).ConfigureAwait(false)).Rows;
            // Views of one stream each may be divided among shards; then the key is the stream's name.
            var row = rows.FirstOrDefault(row => row.Role == ConsumerRole.Serving && (row.Key.Shard.IsAll || row.Key.Shard.Contains(key)))
                ?? throw new InvalidOperationException($"There is no view of '{projection}' yet: the projection has not begun.");
            var view = await fold(row.Position).ConfigureAwait(false);
            if (consumers.TryInterrupt(row, () => Set(row.Key.Generation, new Dictionary<string, TView?> { [key] = view })))
            {
                return;
            }
        }
    }

    public Task<TView?> FindAsync(string key, CancellationToken cancellationToken = default)
    {
        ViewKey.ThrowIfInvalid(key);
        cancellationToken.ThrowIfCancellationRequested();
        var generation = consumers.ServingGeneration(projection);
        TView? view;
        lock (gate)
        {
            view = generation is { } serving && generations.TryGetValue(serving, out var views) ? views.GetValueOrDefault(key) : null;
        }

        return Task.FromResult(view is null ? null : serializer.AsRead(view));
    }

    public async IAsyncEnumerable<KeyValuePair<string, TView>> ReadAllAsync([EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        await Task.CompletedTask.ConfigureAwait(false);
        var generation = consumers.ServingGeneration(projection);
        KeyValuePair<string, TView>[] all;
        lock (gate)
        {
            all = generation is { } serving && generations.TryGetValue(serving, out var views) ? [.. views] : [];
        }

        foreach (var view in all)
        {
            cancellationToken.ThrowIfCancellationRequested();
            yield return new KeyValuePair<string, TView>(view.Key, serializer.AsRead(view.Value));
        }
    }

    internal TView? Find(int generation, string key)
    {
        lock (gate)
        {
            return generations[generation].GetValueOrDefault(key);
        }
    }

    internal void Set(int generation, IReadOnlyDictionary<string, TView?> changes)
    {
        lock (gate)
        {
            foreach (var (key, view) in changes)
            {
                Set(generation, key, view);
            }
        }
    }

    private void Set(int generation, string key, TView? view)
    {
        if (view is null)
        {
            generations[generation].Remove(key);
        }
        else
        {
            generations[generation][key] = view;
        }
    }
}
