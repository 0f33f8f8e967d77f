namespace EventSourcing;

/// <summary>The port to where an adapter keeps views.</summary>
public interface IViewStore
{
    /// <summary>The place of a projection's views; nothing is made before it is needed.</summary>
    /// <typeparam name="TView">The view.</typeparam>
    /// <param name="projection">The projection.</param>
    /// <exception cref="ArgumentException">The adapter cannot keep views under the projection's name.</exception>
    IViewTable<TView> Open<TView>(ViewProjection<TView> projection)
        where TView : class;

    /// <summary>The projection as the runner takes it, to be applied by appends.</summary>
    /// <typeparam name="TView">The view.</typeparam>
    /// <param name="projection">The projection.</param>
    /// <exception cref="ArgumentException">The adapter cannot keep views under the projection's name, or it is divided into shards.</exception>
    IInlineProjection BindInline<TView>(ViewProjection<TView> projection)
        where TView : class;
}
