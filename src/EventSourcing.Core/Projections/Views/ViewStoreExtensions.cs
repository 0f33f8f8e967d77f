namespace EventSourcing;

/// <summary>View projections for a runner that is made by hand.</summary>
public static class ViewStoreExtensions
{
    /// <summary>The projection as the runner takes it, its views kept in a store.</summary>
    /// <typeparam name="TView">The view.</typeparam>
    /// <param name="store">Where the views are kept.</param>
    /// <param name="projection">The projection.</param>
    /// <exception cref="ArgumentException">The adapter cannot keep views under the projection's name, or the projection is divided into
    /// shards although events of different streams change the same view.</exception>
    public static IProjection Bind<TView>(this IViewStore store, ViewProjection<TView> projection)
        where TView : class
    {
        ArgumentNullException.ThrowIfNull(store);
        ArgumentNullException.ThrowIfNull(projection);
        return new ViewConsumer<TView>(projection, store.Open(projection));
    }
}
