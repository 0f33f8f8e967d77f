using System.Globalization;

namespace EventSourcing;

/// <summary>How what a tenant names is named in the log that it shares: with <c>@</c> and the tenant at the end.</summary>
/// <remarks>No tenant's name holds the separator, so the last one in a stored name divides it, whatever the tenant has written before it:
/// two tenants never mean one name.</remarks>
internal sealed class TenantNaming(TenantName tenant)
{
    private readonly string suffix = TenantName.Separator + tenant.Value;
    private readonly Tag own = tenant.Tag;

    /// <summary>The stream as the log names it.</summary>
    /// <exception cref="ArgumentException">With the tenant's name the stream's is too long.</exception>
    public StreamName Stored(StreamName stream) => new(WithSuffix(stream.Value, StreamName.MaxLength, "A stream name"));

    public AppendRequest Stored(AppendRequest request) => new([.. request.Streams.Select(Stored)])
    {
        Condition = request.Condition is { } condition ? new AppendCondition(Stored(condition.Query), condition.Seen) : null,
    };

    /// <summary>All that a query asks for, of this tenant alone. What a tag of the tenant's own finds is the tenant's: such an item keeps
    /// the tags it has, which are also what appends wait for each other by.</summary>
    public EventQuery Stored(EventQuery query) => query.IsAll
        ? new EventQuery(new EventQueryItem { Tags = [own] })
        : new EventQuery([.. query.Items.Select(item => item with { Tags = Stored(item.Tags) })]);

    /// <summary>The filter for the log. Without the shard: the streams are divided by their names as the tenant
    /// knows them, as are its messages and views, so <see cref="Page"/> sorts them out.</summary>
    public LogReadOptions Stored(LogReadOptions options) => options with
    {
        Filter = new EventFilter
        {
            Categories = [.. options.Filter.Categories.SelectMany(StoredCategories)],
            EventTypes = options.Filter.EventTypes,
            Tags = Stored(options.Filter.Tags),
        },
    };

    public LogPage Page(LogPage stored, EventFilter filter) => stored with
    {
        Events = [.. stored.Events.Select(Event).Where(recorded => filter.Matches(recorded.Stream, recorded.Type, recorded.Tags))],
    };

    /// <summary>An event as the tenant has written it.</summary>
    /// <exception cref="DamagedDataException">It is not one of this tenant's, and has its tag nevertheless.</exception>
    public RecordedEvent Event(RecordedEvent stored) => new()
    {
        Stream = Own(stored.Stream) ?? throw NotFrom(stored),
        Version = stored.Version,
        Position = stored.Position,
        Id = stored.Id,
        Type = stored.Type,
        Data = stored.Data,
        Metadata = stored.Metadata,
        Tags = [.. stored.Tags.Where(tag => tag != own).Select(tag => Own(tag) ?? throw NotFrom(stored))],
        RecordedAt = stored.RecordedAt,
    };

    /// <summary>Whether an event is one of the tenant's.</summary>
    public bool IsOwn(RecordedEvent stored) => stored.Tags.Contains(own) && Own(stored.Stream) is not null;

    /// <summary>The stream as the tenant names it; null where it is not the tenant's.</summary>
    public StreamName? Own(StreamName stored) => WithoutSuffix(stored.Value) is { } name ? new StreamName(name) : (StreamName?)null;

    private Tag? Own(Tag stored) => WithoutSuffix(stored.Value) is { } tag ? new Tag(tag) : (Tag?)null;

    private StreamAppend Stored(StreamAppend part) => new(Stored(part.Stream), part.Expected, [.. part.Events.Select(Stored)]);

    private EventData Stored(EventData data) => data.Tags.Count < Tag.MaxCount
        ? EventData.FromSerializer(data.Id, data.Type, data.Data, data.Metadata, [.. data.Tags.Select(Stored), own])
        : throw new ArgumentException(string.Create(
            CultureInfo.InvariantCulture, $"An event has at most {Tag.MaxCount - 1} tags in a log that tenants share; this one, '{data.Type}', has {data.Tags.Count}."));

    private Tag Stored(Tag tag) => new(WithSuffix(tag.Value, Tag.MaxLength, "A tag"));

    private IReadOnlyList<Tag> Stored(IReadOnlyList<Tag> tags) => tags.Count == 0 ? [own] : [.. tags.Select(Stored)];

    /// <summary>The category of <c>order-7@acme</c> is <c>order</c>; a name without a hyphen is one as a whole.</summary>
    private IEnumerable<string> StoredCategories(string category) =>
        category.Length + suffix.Length <= StreamName.MaxLength ? [category, category + suffix] : [category];

    private string WithSuffix(string name, int maxLength, string what) => name.Length + suffix.Length <= maxLength
        ? name + suffix
        : throw new ArgumentException(string.Create(
            CultureInfo.InvariantCulture,
            $"{what} of tenant '{tenant}' has at most {maxLength - suffix.Length} characters, because the log that tenants share adds '{suffix}'; this one has {name.Length}."));

    private string? WithoutSuffix(string name) => name.Length > suffix.Length && name.EndsWith(suffix, StringComparison.Ordinal) ? name[..^suffix.Length] : null;

    // Whoever has written it, its names are nobody's business here.
    private DamagedDataException NotFrom(RecordedEvent stored) => new(
        $"The event at position {stored.Position} has the tag of tenant '{tenant}', or stands in one of its streams, but was not written by it: somebody appends to the shared log past the tenants.")
    {
        Position = stored.Position,
    };
}
