namespace EventSourcing.PostgreSql;

/// <summary>Implemented by a <see cref="ViewProjection{TView}"/> whose views are to be kept in columns instead of a document.</summary>
/// <typeparam name="TView">The view.</typeparam>
public interface IViewColumns<TView>
    where TView : class
{
    /// <summary>Maps the view: a column for each value, and how a view is made from them.</summary>
    /// <param name="columns">Takes the columns; the key has its own.</param>
    void Map(ViewColumns<TView> columns);
}
