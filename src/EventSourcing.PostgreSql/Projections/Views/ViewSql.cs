namespace EventSourcing.PostgreSql;

/// <summary>The statements on a table of views, wherever they run.</summary>
internal static class ViewSql
{
    public const string TableName = "views";

    public static string Load<TView>(IViewFormat<TView> format, string table)
        where TView : class => $"select key, {Columns(format)} from {table} where key = any ($1)";

    /// <summary>Writes views: an array of keys at a parameter, then one array for each column.</summary>
    /// <param name="format">How a view is kept.</param>
    /// <param name="table">The table.</param>
    /// <param name="first">The number of the first parameter.</param>
    /// <param name="condition">Under which it is written.</param>
    public static string Keep<TView>(IViewFormat<TView> format, string table, int first, string condition)
        where TView : class => $"""
            insert into {table} (key, {Columns(format)})
            select u.* from unnest(${first}::text[], {string.Join(", ", format.Types.Select((type, i) => $"${first + 1 + i}::{type}[]"))}) u
            where {condition}
            on conflict (key) do update set {string.Join(", ", format.Columns.Select(name => $"{name} = excluded.{name}"))}
            """;

    public static string Columns<TView>(IViewFormat<TView> format)
        where TView : class => string.Join(", ", format.Columns);
}
