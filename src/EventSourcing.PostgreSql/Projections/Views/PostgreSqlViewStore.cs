namespace EventSourcing.PostgreSql;

/// <summary>
/// Keeps views in tables: each projection's in a schema of its own (the store's schema, '_', and the projection's name), in the
/// table <c>views</c>, by <c>key</c>, as a document in <c>data</c> or in the columns that the projection maps with <see cref="IViewColumns{TView}"/>.
/// </summary>
public sealed class PostgreSqlViewStore : IViewStore
{
    private readonly PostgreSqlEventStore store;
    private readonly EventSerializer serializer;

    /// <summary>Makes a place for views beside an event store.</summary>
    /// <param name="store">The event store, whose database holds the views.</param>
    /// <param name="serializer">How documents look as JSON.</param>
    public PostgreSqlViewStore(PostgreSqlEventStore store, EventSerializer serializer)
    {
        ArgumentNullException.ThrowIfNull(store);
        ArgumentNullException.ThrowIfNull(serializer);
        this.store = store;
        this.serializer = serializer;
    }

    /// <inheritdoc/>
    public IViewTable<TView> Open<TView>(ViewProjection<TView> projection)
        where TView : class
    {
        ArgumentNullException.ThrowIfNull(projection);
        return new ViewTable<TView>(store, projection, Format(projection));
    }

    /// <inheritdoc/>
    public IInlineProjection BindInline<TView>(ViewProjection<TView> projection)
        where TView : class
    {
        ArgumentNullException.ThrowIfNull(projection);
        return new InlineProjection(store, serializer, this.Bind(projection), new InlineViews<TView>(projection, Format(projection)));
    }

    private IViewFormat<TView> Format<TView>(ViewProjection<TView> projection)
        where TView : class => projection is IViewColumns<TView> mapped ? new ColumnFormat<TView>(mapped) : new DocumentFormat<TView>(serializer);
}
