namespace EventSourcing;

/// <summary>One stream's part of an append: what is expected of it, and the events to write.</summary>
public sealed class StreamAppend
{
    /// <summary>Checks and wraps one stream's part.</summary>
    /// <param name="stream">The stream.</param>
    /// <param name="expected">What the stream must be at.</param>
    /// <param name="events">The events in order; none where the stream is only checked, which never creates it.</param>
    /// <exception cref="ArgumentException">The stream or the expectation is <c>default</c>, or an event is null.</exception>
    public StreamAppend(StreamName stream, ExpectedVersion expected, IReadOnlyList<EventData> events)
    {
        ArgumentNullException.ThrowIfNull(events);
        if (stream.IsDefault)
        {
            throw new ArgumentException("default(StreamName) names no stream.", nameof(stream));
        }

        if (expected.IsDefault)
        {
            throw new ArgumentException(
                "default(ExpectedVersion) demands nothing; use Any, NoStream, StreamExists or At(n).", nameof(expected));
        }

        if (events.Contains(null!))
        {
            throw new ArgumentException("An event to write is null.", nameof(events));
        }

        if (expected.IsExact && expected.Version.Value > long.MaxValue - events.Count)
        {
            throw new ArgumentOutOfRangeException(nameof(expected), expected, "After this version there is none left for the events.");
        }

        Stream = stream;
        Expected = expected;
        Events = [.. events];
    }

    /// <summary>The stream.</summary>
    public StreamName Stream { get; }

    /// <summary>What the stream must be at.</summary>
    public ExpectedVersion Expected { get; }

    /// <summary>The events in order; none where the stream is only checked.</summary>
    public IReadOnlyList<EventData> Events { get; }
}
