namespace EventSourcing;

/// <summary>A projection has given up; the inner exception says on which event and why.</summary>
public sealed class ProjectionFailedException : Exception
{
    /// <summary>Makes the exception.</summary>
    /// <param name="projection">The projection's name.</param>
    /// <param name="inner">The last failure.</param>
    public ProjectionFailedException(string projection, Exception inner)
        : base($"Projection '{projection}' has stopped: {inner?.Message}", inner) => Projection = projection;

    /// <summary>The projection's name.</summary>
    public string Projection { get; }
}
