namespace EventSourcing;

/// <summary>
/// Personal data could not be encrypted or decrypted, although nobody has asked to forget its subject: a key is missing, the master key is
/// another one, what is stored was changed, or an object does not say whose data it holds. On reading and writing events it is the
/// inner exception of an <see cref="EventSerializationException"/>, which says where.
/// </summary>
public sealed class PersonalDataException : Exception
{
    internal PersonalDataException(string message, string? subject = null, Exception? inner = null)
        : base(message, inner) => Subject = subject;

    /// <summary>The subject, where one is known.</summary>
    public string? Subject { get; }
}
