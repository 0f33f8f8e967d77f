namespace EventSourcing;

/// <summary>
/// The connection was lost after an append was sent and before its answer came, or the server did not wait until its standby has
/// the append: it is stored whole or not at all, and the store cannot tell which, or whether it stays.
/// </summary>
/// <remarks>
/// An append with exact expected versions can simply be repeated with the same events: it is not stored twice. One with
/// <see cref="ExpectedVersion.Any"/> or <see cref="ExpectedVersion.StreamExists"/> would be; read the stream first.
/// </remarks>
public sealed class AppendOutcomeUnknownException : Exception
{
    /// <summary>Makes the exception.</summary>
    /// <param name="message">What happened and what to do.</param>
    /// <param name="inner">The failure of the connection.</param>
    public AppendOutcomeUnknownException(string message, Exception? inner = null)
        : base(message, inner)
    {
    }
}
