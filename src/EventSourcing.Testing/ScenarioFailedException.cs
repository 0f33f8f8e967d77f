namespace EventSourcing.Testing;

/// <summary>A scenario came out otherwise than expected; the message shows both sides.</summary>
public sealed class ScenarioFailedException : Exception
{
    /// <summary>Makes the exception.</summary>
    /// <param name="message">Expected against actual.</param>
    /// <param name="inner">The exception that came instead of events.</param>
    public ScenarioFailedException(string message, Exception? inner = null)
        : base(Environment.NewLine + message, inner)
    {
    }
}
