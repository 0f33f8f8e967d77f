using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text.Json;

namespace EventSourcing;

/// <summary>A subject and its key, ready for use.</summary>
[SuppressMessage("Design", "CA1001", Justification = "When a cache lets go of it others may still use it; the key's handle is given back with it.")]
internal sealed class SubjectKey
{
    // One for each key, and one user at a time: to make one takes longer than to use it, and it is not safe for several.
    private readonly AesGcm? aes;
    private readonly Lock gate = new();
    private readonly byte[] context;

    private SubjectKey(string subject, AesGcm? aes)
    {
        Subject = subject;
        this.aes = aes;
        context = PersonalCipher.DataContext(subject);
        Json = JsonEncodedText.Encode(subject);
    }

    public string Subject { get; }

    /// <summary>The subject as it stands in JSON.</summary>
    public JsonEncodedText Json { get; }

    public bool IsForgotten => aes is null;

    public static SubjectKey Of(string subject, ReadOnlySpan<byte> key) => new(subject, PersonalCipher.Use(key));

    public static SubjectKey Forgotten(string subject) => new(subject, aes: null);

    public byte[] Encrypt(ReadOnlySpan<byte> plain)
    {
        lock (gate)
        {
            return PersonalCipher.Encrypt(aes!, plain, context);
        }
    }

    /// <summary>What was encrypted.</summary>
    /// <exception cref="CryptographicException">It was encrypted for another subject or with another key, or is damaged.</exception>
    public byte[] Decrypt(ReadOnlySpan<byte> encrypted)
    {
        lock (gate)
        {
            return PersonalCipher.Decrypt(aes!, encrypted, context);
        }
    }
}
