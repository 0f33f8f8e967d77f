namespace EventSourcing.Torture;

/// <summary>What an append under a condition had read before it was asked for.</summary>
/// <param name="Append">The append.</param>
/// <param name="Items">The query: events of any of them.</param>
/// <param name="Positions">The positions of the events that were found.</param>
internal sealed record Queried(Guid Append, IReadOnlyList<Queried.Item> Items, IReadOnlyList<long> Positions)
{
    /// <summary>Events of any of the types, or of whatever type where there is none, that have all of the tags.</summary>
    internal sealed record Item(IReadOnlyList<string> Types, IReadOnlyList<string> Tags);

    public static Queried Of(EventQuery query, QueryResult read, Guid append) => new(
        append,
        [.. query.Items.Select(item => new Item([.. item.Types], [.. item.Tags.Select(tag => tag.Value)]))],
        [.. read.Events.Select(recorded => recorded.Position.Value)]);
}
