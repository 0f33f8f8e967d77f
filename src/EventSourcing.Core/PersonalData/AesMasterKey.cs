namespace EventSourcing;

/// <summary>A master key in memory: AES-256-GCM.</summary>
public sealed class AesMasterKey : IMasterKey
{
    /// <summary>The longest name, in UTF-16 code units: 200.</summary>
    public const int MaxIdLength = 200;

    private readonly byte[] key;

    /// <summary>Makes a master key.</summary>
    /// <param name="id">Its name, see <see cref="IMasterKey.Id"/>; it says when it was made, for instance.</param>
    /// <param name="key">32 random bytes, from wherever the application's secrets come from; copied.</param>
    /// <exception cref="ArgumentException">The name is empty or too long, or the key has not 32 bytes.</exception>
    public AesMasterKey(string id, ReadOnlySpan<byte> key)
    {
        StoredText.ThrowIfUnfit(id, MaxIdLength, "The name of a master key", nameof(id));
        if (key.Length != PersonalCipher.KeyBytes)
        {
            throw new ArgumentException($"A master key has {PersonalCipher.KeyBytes} bytes; this one has {key.Length}.", nameof(key));
        }

        Id = id;
        this.key = key.ToArray();
    }

    /// <inheritdoc/>
    public string Id { get; }

    /// <inheritdoc/>
    public ValueTask<ReadOnlyMemory<byte>> WrapAsync(ReadOnlyMemory<byte> key, string subject, CancellationToken cancellationToken)
    {
        using var aes = PersonalCipher.Use(this.key);
        return ValueTask.FromResult<ReadOnlyMemory<byte>>(PersonalCipher.Encrypt(aes, key.Span, PersonalCipher.KeyContext(subject)));
    }

    /// <inheritdoc/>
    public ValueTask<ReadOnlyMemory<byte>> UnwrapAsync(ReadOnlyMemory<byte> wrapped, string subject, CancellationToken cancellationToken)
    {
        using var aes = PersonalCipher.Use(key);
        return ValueTask.FromResult<ReadOnlyMemory<byte>>(PersonalCipher.Decrypt(aes, wrapped.Span, PersonalCipher.KeyContext(subject)));
    }
}
