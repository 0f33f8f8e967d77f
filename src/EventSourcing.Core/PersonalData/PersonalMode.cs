namespace EventSourcing;

/// <summary>What a serializer does with what is marked as personal.</summary>
internal enum PersonalMode
{
    /// <summary>Neither writes nor reads it: it has no keys, and plain text would be stored for good.</summary>
    Refused,

    /// <summary>Encrypts and decrypts it.</summary>
    Encrypted,

    /// <summary>Leaves it as it is: for what is not stored, such as schemas and public messages.</summary>
    Plain,
}
