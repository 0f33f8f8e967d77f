namespace EventSourcing;

/// <summary>A key that was encrypted with a master key.</summary>
/// <param name="MasterKeyId">The master key, see <see cref="IMasterKey.Id"/>.</param>
/// <param name="Bytes">What <see cref="IMasterKey.WrapAsync"/> has given.</param>
public sealed record WrappedKey(string MasterKeyId, ReadOnlyMemory<byte> Bytes);
