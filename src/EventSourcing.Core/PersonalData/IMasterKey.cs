namespace EventSourcing;

/// <summary>
/// The key that the keys of subjects are encrypted with. It never comes near the database: <see cref="AesMasterKey"/> has it in memory, one of
/// your own asks a key management service.
/// </summary>
/// <remarks>Used by any number of threads at once. A <see cref="System.Security.Cryptography.CryptographicException"/> says that the key
/// does not fit what is to be unwrapped; any other exception, that it cannot be reached for now: callers see an
/// <see cref="EventStoreUnavailableException"/> and try again.</remarks>
public interface IMasterKey
{
    /// <summary>Its name, stored beside every key that it has wrapped; another one for each key.</summary>
    string Id { get; }

    /// <summary>Encrypts a subject's key.</summary>
    /// <param name="key">The key, 32 bytes.</param>
    /// <param name="subject">Whose it is; to be authenticated with it, so that nobody can put it in the place of another one's.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>What may be stored; not empty.</returns>
    ValueTask<ReadOnlyMemory<byte>> WrapAsync(ReadOnlyMemory<byte> key, string subject, CancellationToken cancellationToken);

    /// <summary>Decrypts a subject's key.</summary>
    /// <param name="wrapped">What <see cref="WrapAsync"/> has given.</param>
    /// <param name="subject">Whose it is.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The key.</returns>
    /// <exception cref="System.Security.Cryptography.CryptographicException">It was wrapped by another key or for another subject, or
    /// is damaged.</exception>
    ValueTask<ReadOnlyMemory<byte>> UnwrapAsync(ReadOnlyMemory<byte> wrapped, string subject, CancellationToken cancellationToken);
}
