namespace EventSourcing.InMemory;

/// <summary>The limits of an in-memory store.</summary>
public sealed class InMemoryOptions
{
    /// <summary>The most bytes of an event, payload and metadata together; 10 MiB by default, as in the PostgreSQL adapter.</summary>
    public int MaxEventBytes { get; set; } = 10 * 1024 * 1024;

    /// <summary>The most bytes of all events of one append together; 64 MiB by default, as in the PostgreSQL adapter.</summary>
    public int MaxAppendBytes { get; set; } = 64 * 1024 * 1024;

    /// <summary>Whether each event carries a hash over its content and the hash before it in its stream, for <see cref="ChainVerifier"/>;
    /// off by default.</summary>
    public bool HashChain { get; set; }
}
