namespace EventSourcing.Torture;

/// <summary>A projection whose pages can be held up, and which says what became of them.</summary>
internal sealed class WatchedProjection(IProjection inner, Holds holds, Action<string> say) : IProjection
{
    public string Name => inner.Name;

    public int Version => inner.Version;

    public int Shards => inner.Shards;

    public IReadOnlyCollection<Type> EventTypes => inner.EventTypes;

    public IReadOnlyCollection<string> Categories => inner.Categories;

    public Task<LogPosition> LoadPositionAsync(ConsumerLease lease, CancellationToken cancellationToken) =>
        inner.LoadPositionAsync(lease, cancellationToken);

    public async Task ApplyAsync(ConsumerLease lease, EventPage page, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(page);

        // What was held up is sent, whether or not this process knows by now that it is too late: the fence alone is to refuse it.
        var wasHeld = page.Events.Count > 0 && await holds.PassAsync(Name);
        try
        {
            await inner.ApplyAsync(lease, page, wasHeld ? CancellationToken.None : cancellationToken);
            if (wasHeld)
            {
                say($"applied {Name}");
            }
        }
        catch (LeaseLostException)
        {
            say($"refused {Name}");
            throw;
        }
    }
}
