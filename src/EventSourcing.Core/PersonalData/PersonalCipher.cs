using System.Security.Cryptography;
using System.Text;

namespace EventSourcing;

/// <summary>AES-256-GCM with a random nonce: nonce, ciphertext and tag in one.</summary>
/// <remarks>A random nonce of 96 bits is safe for 2^32 values under one key, and the keys here are of one subject each.</remarks>
internal static class PersonalCipher
{
    public const int KeyBytes = 32;

    private const int NonceBytes = 12;
    private const int TagBytes = 16;

    /// <summary>What is authenticated with a subject's data: so it is nobody else's.</summary>
    public static byte[] DataContext(string subject) => Encoding.UTF8.GetBytes("eventsourcing personal 1:" + subject);

    /// <summary>What is authenticated with a subject's key.</summary>
    public static byte[] KeyContext(string subject) => Encoding.UTF8.GetBytes("eventsourcing key 1:" + subject);

    public static byte[] NewKey() => RandomNumberGenerator.GetBytes(KeyBytes);

    public static AesGcm Use(ReadOnlySpan<byte> key) => new(key, TagBytes);

    public static byte[] Encrypt(AesGcm aes, ReadOnlySpan<byte> plain, ReadOnlySpan<byte> context)
    {
        var encrypted = new byte[NonceBytes + plain.Length + TagBytes];
        var nonce = encrypted.AsSpan(0, NonceBytes);
        RandomNumberGenerator.Fill(nonce);
        aes.Encrypt(nonce, plain, encrypted.AsSpan(NonceBytes, plain.Length), encrypted.AsSpan(NonceBytes + plain.Length), context);
        return encrypted;
    }

    /// <summary>What was encrypted.</summary>
    /// <exception cref="CryptographicException">It was encrypted with another key or context, or is damaged.</exception>
    public static byte[] Decrypt(AesGcm aes, ReadOnlySpan<byte> encrypted, ReadOnlySpan<byte> context)
    {
        var length = encrypted.Length - NonceBytes - TagBytes;
        if (length < 0)
        {
            throw new CryptographicException("Shorter than anything that was encrypted.");
        }

        var plain = new byte[length];
        aes.Decrypt(encrypted[..NonceBytes], encrypted.Slice(NonceBytes, length), encrypted[(NonceBytes + length)..], plain, context);
        return plain;
    }
}
