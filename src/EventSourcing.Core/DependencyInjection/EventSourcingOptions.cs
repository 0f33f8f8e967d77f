using System.Text.Json;

namespace EventSourcing;

/// <summary>The defaults of an application.</summary>
public sealed class EventSourcingOptions
{
    /// <summary>How payloads look as JSON; see <see cref="EventSerializer"/> for the default.</summary>
    public JsonSerializerOptions? Json { get; set; }

    /// <summary>Where the ids of events and commands come from that are given none; by default <see cref="Guid.CreateVersion7()"/>,
    /// whose ids rise with time.</summary>
    public Func<Guid> NewId { get; set; } = Guid.CreateVersion7;

    /// <summary>How often and how soon a command is decided again after a conflict.</summary>
    public ConflictRetryOptions ConflictRetry { get; set; } = new();

    /// <summary>
    /// How the repository caches recently used streams; by default as <see cref="StreamCacheOptions"/> says, checked against
    /// the store at each load. Null for no cache.
    /// </summary>
    public StreamCacheOptions? Cache { get; set; } = new();

    /// <summary>How projections are run.</summary>
    public ConsumerOptions Projections { get; set; } = new();

    /// <summary>How reactors are run.</summary>
    public ConsumerOptions Reactors { get; set; } = new();

    /// <summary>How translators are run, and how the relay publishes: <see cref="ConsumerOptions.PageSize"/> is also the most messages
    /// of one call, <see cref="ConsumerOptions.OnPoison"/> also what becomes of a message that the broker keeps refusing.</summary>
    public ConsumerOptions Messages { get; set; } = new();
}
