using System.Text;

namespace EventSourcing.Conformance;

/// <summary>Short ways to write events with tags, and to ask for them.</summary>
public abstract class TaggedSuite : StoreSuite
{
    /// <summary>An event of a type with tags, of which its text tells one from another.</summary>
    private protected static EventData Tagged(string type, string tags = "", string text = "") => new(
        Guid.CreateVersion7(), type, Encoding.UTF8.GetBytes($"\"{text}\""), tags: [.. tags.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(tag => new Tag(tag))]);

    /// <summary>An item: types before the colon, tags behind it, each apart by a blank; <c>!</c> at its end for the latest only.</summary>
    private protected static EventQueryItem Item(string item)
    {
        ArgumentNullException.ThrowIfNull(item);
        var parts = item.TrimEnd('!').Split(" | ");
        return new EventQueryItem
        {
            Types = parts[0].Split(' ', StringSplitOptions.RemoveEmptyEntries),
            Tags = parts.Length == 1 ? [] : [.. parts[1].Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(tag => new Tag(tag))],
            IsLatestOnly = item.EndsWith('!'),
        };
    }

    private protected static EventQuery Query(params string[] items) => new([.. items.Select(Item)]);

    private protected Task<QueryResult> QueryAsync(EventQuery query) => Store.QueryAsync(query, Cancellation);

    private protected async Task<AppendResult> StoreAsync(params EventData[] events) =>
        await AppendAsync(StreamName.For("some", Guid.NewGuid()), ExpectedVersion.NoStream, events);

    /// <summary>Appends to a stream of its own under a condition.</summary>
    private protected Task<AppendResult> AppendIfAsync(EventQuery query, DecisionPoint seen, params EventData[] events) =>
        AppendIfAsync(new AppendCondition(query, seen), new StreamAppend(StreamName.For("decided", Guid.NewGuid()), ExpectedVersion.NoStream, events));

    private protected Task<AppendResult> AppendIfAsync(AppendCondition condition, params StreamAppend[] parts) =>
        Store.AppendAsync(new AppendRequest(parts) { Condition = condition }, Cancellation);

    /// <summary>The append is refused for an event that was not seen alone, and stores nothing.</summary>
    private protected async Task<LogPosition> IsSpoiledAsync(Func<Task> append)
    {
        var conflict = await ConflictsAsync(append);
        return conflict.Unseen ?? throw new InvalidOperationException("A conflict names an event that was not seen.");
    }
}
