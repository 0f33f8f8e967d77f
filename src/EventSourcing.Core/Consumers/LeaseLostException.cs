namespace EventSourcing;

/// <summary>A page was refused, and nothing of it kept: somebody else runs the consumer by now, or it has been replaced.</summary>
public sealed class LeaseLostException : Exception
{
    /// <summary>Makes the exception.</summary>
    /// <param name="key">What was leased.</param>
    public LeaseLostException(ConsumerKey key)
        : base($"The lease of '{key}' is lost: another process runs it by now, or it has been rebuilt.") => Key = key;

    /// <summary>What was leased.</summary>
    public ConsumerKey Key { get; }
}
