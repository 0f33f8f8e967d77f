namespace EventSourcing;

/// <summary>
/// What is stored is not what this library ever writes: a version of a stream is missing, or a row holds what cannot be read. Somebody
/// else has written to the tables, or they were restored in part. Nothing is read past it, and nothing is changed.
/// </summary>
public sealed class DamagedDataException : Exception
{
    /// <summary>Makes the exception.</summary>
    /// <param name="message">What is wrong, and where.</param>
    /// <param name="inner">The failure to read it, if that is how it shows.</param>
    public DamagedDataException(string message, Exception? inner = null)
        : base(message, inner)
    {
    }

    /// <summary>The stream, where it is known.</summary>
    public StreamName? Stream { get; init; }

    /// <summary>The position of the event that is wrong, or that comes after what is missing, where it is known.</summary>
    public LogPosition? Position { get; init; }

    /// <summary>A stream that goes on at another version than the next.</summary>
    internal static DamagedDataException OfHole(EventPlace found, StreamVersion expected) =>
        new($"Stream '{found.Stream}' goes on with version {found.Version}, at position {found.Position}, where version {expected} is due: "
            + "events are missing, and a state without them would be wrong.")
        {
            Stream = found.Stream,
            Position = found.Position,
        };
}
