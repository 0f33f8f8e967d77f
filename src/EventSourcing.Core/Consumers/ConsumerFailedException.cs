namespace EventSourcing;

/// <summary>A projection or a reactor has given up; the inner exception says on which event and why.</summary>
public sealed class ConsumerFailedException : Exception
{
    /// <summary>Makes the exception.</summary>
    /// <param name="consumer">The name of the projection or reactor.</param>
    /// <param name="inner">The last failure.</param>
    public ConsumerFailedException(string consumer, Exception inner)
        : base($"'{consumer}' has stopped: {inner?.Message}", inner) => Consumer = consumer;

    /// <summary>The name of the projection or reactor.</summary>
    public string Consumer { get; }
}
