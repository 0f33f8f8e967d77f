namespace EventSourcing;

/// <summary>The rule for the keys of views, the same wherever they are kept. The name of a stream is always one.</summary>
public static class ViewKey
{
    /// <summary>The longest key, in UTF-16 code units: 800. It keeps every key inside an index entry.</summary>
    public const int MaxLength = 800;

    /// <summary>Refuses a key that cannot be kept.</summary>
    /// <param name="key">The key; it may be empty.</param>
    /// <exception cref="ArgumentException">The key is too long, or holds U+0000 or a lone surrogate.</exception>
    public static void ThrowIfInvalid(string key)
    {
        ArgumentNullException.ThrowIfNull(key);
        if (key.Length > 0)
        {
            StoredText.ThrowIfUnfit(key, MaxLength, "The key of a view", nameof(key));
        }
    }
}
