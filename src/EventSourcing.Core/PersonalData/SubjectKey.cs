using System.Text.Json;

namespace EventSourcing;

/// <summary>A subject and its key, ready for use.</summary>
internal sealed class SubjectKey
{
    private readonly byte[]? key;
    private readonly byte[] context;

    private SubjectKey(string subject, byte[]? key)
    {
        Subject = subject;
        this.key = key;
        context = PersonalCipher.DataContext(subject);
        Json = JsonEncodedText.Encode(subject);
    }

    public string Subject { get; }

    /// <summary>The subject as it stands in JSON.</summary>
    public JsonEncodedText Json { get; }

    public bool IsForgotten => key is null;

    public static SubjectKey Of(string subject, ReadOnlySpan<byte> key) => new(subject, key.ToArray());

    public static SubjectKey Forgotten(string subject) => new(subject, key: null);

    public byte[] Encrypt(ReadOnlySpan<byte> plain) => PersonalCipher.Encrypt(key, plain, context);

    public byte[] Decrypt(ReadOnlySpan<byte> encrypted) => PersonalCipher.Decrypt(key, encrypted, context);
}
