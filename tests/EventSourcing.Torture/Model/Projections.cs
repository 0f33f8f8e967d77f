using EventSourcing.PostgreSql;

namespace EventSourcing.Torture;

/// <summary>What every process runs.</summary>
internal static class Projections
{
    public static readonly string[] Names = ["balances", "labels", "ledgers", "sums"];

    public static EventSerializer Serializer { get; } = new(new EventTypeRegistry().Add<Moved>().Add<Closed>().Add<Cleared>().Add<Counted>().Add<Reminder>());

    public static IReadOnlyList<IProjection> All(PostgreSqlEventStore store, int version, Func<Task>? inside = null)
    {
        IViewStore views = new PostgreSqlViewStore(store, Serializer);
        return
        [
            views.Bind(new Balances(version)),
            views.Bind(new Labels(version)),
            views.Bind(new Ledgers(version)),
            new Sums(store, version, inside ?? (() => Task.CompletedTask)),
        ];
    }

    public static IReadOnlyList<IProjection> Many(PostgreSqlEventStore store, int count)
    {
        IViewStore views = new PostgreSqlViewStore(store, Serializer);
        return [.. Enumerable.Range(0, count).Select(number => views.Bind(new Spread(number)))];
    }
}
