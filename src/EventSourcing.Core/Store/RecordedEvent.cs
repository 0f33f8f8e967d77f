using System.Globalization;
using System.Text.Json;

namespace EventSourcing;

/// <summary>An event as the store holds it: bytes and their place in the log.</summary>
/// <remarks>It never changes, and a store may hand the same object to several readers.</remarks>
public sealed class RecordedEvent
{
    /// <summary>The stream that holds the event.</summary>
    public required StreamName Stream { get; init; }

    /// <summary>The event's place in its stream: 1, 2, 3 …</summary>
    public required StreamVersion Version { get; init; }

    /// <summary>The event's place in the one order of the log.</summary>
    public required LogPosition Position { get; init; }

    /// <summary>The id given by the writer.</summary>
    public required Guid Id { get; init; }

    /// <summary>The stored name of the event's type.</summary>
    public required string Type { get; init; }

    /// <summary>The payload, exactly as it was written: one JSON value in UTF-8.</summary>
    public required ReadOnlyMemory<byte> Data { get; init; }

    /// <summary>The metadata, exactly as written: a JSON object in UTF-8, or nothing.</summary>
    public required ReadOnlyMemory<byte> Metadata { get; init; }

    /// <summary>The tags, in the order in which they were given.</summary>
    public IReadOnlyList<Tag> Tags { get; init; } = [];

    /// <summary>When the store wrote the event, by its own clock. For people, not for order: it need not rise with the position.</summary>
    public required DateTimeOffset RecordedAt { get; init; }

    /// <summary>The event with something changed: for a log that is transformed on its way (<see cref="LogSource.Transform"/>).</summary>
    /// <param name="stream">Another stream.</param>
    /// <param name="type">Another type.</param>
    /// <param name="data">Another payload.</param>
    /// <param name="metadata">Other metadata; <c>default(ReadOnlyMemory&lt;byte&gt;)</c> for none.</param>
    /// <param name="tags">Other tags.</param>
    /// <param name="id">Another id; where two events are made of one, the second gets one by itself.</param>
    /// <param name="recordedAt">Another time.</param>
    public RecordedEvent With(
        StreamName? stream = null,
        string? type = null,
        ReadOnlyMemory<byte>? data = null,
        ReadOnlyMemory<byte>? metadata = null,
        IReadOnlyList<Tag>? tags = null,
        Guid? id = null,
        DateTimeOffset? recordedAt = null) => new()
        {
            Stream = stream ?? Stream,
            Version = Version,
            Position = Position,
            Id = id ?? Id,
            Type = type ?? Type,
            Data = data ?? Data,
            Metadata = metadata ?? Metadata,
            Tags = tags ?? Tags,
            RecordedAt = recordedAt ?? RecordedAt,
        };

    /// <summary>Holds an event that comes from elsewhere against what every store takes: for those who store it as it is.</summary>
    /// <param name="maxEventBytes">The most bytes of payload and metadata together.</param>
    /// <exception cref="ArgumentException">Its place, id, name, time, tags or JSON are not what an append could have written, or it is
    /// larger.</exception>
    public void ThrowIfUnfit(int maxEventBytes)
    {
        try
        {
            if (Stream.IsDefault || Version == StreamVersion.None || Position == LogPosition.Start)
            {
                throw new ArgumentException("It has no place: an event has a stream, a version and a position.");
            }

            if (Id == Guid.Empty)
            {
                throw new ArgumentException("It has no id.");
            }

            if (RecordedAt == default)
            {
                throw new ArgumentException("It has no time.");
            }

            StoredText.ThrowIfUnfit(Type, EventData.MaxTypeLength, "An event type name", nameof(Type));
            if (Data.Length + (long)Metadata.Length > maxEventBytes)
            {
                throw new ArgumentException(string.Create(
                    CultureInfo.InvariantCulture, $"It has {Data.Length + (long)Metadata.Length:N0} bytes; this store takes {maxEventBytes:N0} an event."));
            }

            JsonText.ThrowIfUnfit(Data.Span, "an event", Type, "data");
            if (!Metadata.IsEmpty && JsonText.ThrowIfUnfit(Metadata.Span, "an event", Type, "metadata") != JsonTokenType.StartObject)
            {
                throw new ArgumentException("Its metadata is no JSON object.");
            }

            if (Tags is null || (Tags.Count > 0 && Tag.Distinct(Tags, nameof(Tags)).Count != Tags.Count))
            {
                throw new ArgumentException("Its tags are null, or one of them is named twice.");
            }
        }
        catch (ArgumentException unfit)
        {
            throw new ArgumentException($"The event at position {Position} of stream '{Stream}' cannot be stored: {unfit.Message}", unfit);
        }
    }

    /// <summary>The same in another place.</summary>
    internal RecordedEvent At(LogPosition position, StreamVersion version, Guid id) => new()
    {
        Stream = Stream,
        Version = version,
        Position = position,
        Id = id,
        Type = Type,
        Data = Data,
        Metadata = Metadata,
        Tags = Tags,
        RecordedAt = RecordedAt,
    };
}
