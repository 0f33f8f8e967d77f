namespace EventSourcing;

/// <summary>The store cannot be reached or is not ready for work at the moment. Nothing was changed; trying again later may succeed.</summary>
public sealed class EventStoreUnavailableException : Exception
{
    /// <summary>Makes the exception.</summary>
    /// <param name="message">What cannot be reached and what to check.</param>
    /// <param name="inner">The failure of the connection.</param>
    public EventStoreUnavailableException(string message, Exception? inner = null)
        : base(message, inner)
    {
    }
}
