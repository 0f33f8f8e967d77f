namespace EventSourcing;

/// <summary>The rule for the keys of views, the same wherever they are kept: any text that UTF-8 can express, without U+0000. It may be
/// empty. A database has a limit for what it can look up, in PostgreSQL about 2,700 bytes after compression.</summary>
public static class ViewKey
{
    /// <summary>Refuses a key that cannot be kept.</summary>
    /// <param name="key">The key.</param>
    /// <exception cref="ArgumentException">The key holds U+0000 or a lone surrogate, or is null.</exception>
    public static void ThrowIfInvalid(string key)
    {
        ArgumentNullException.ThrowIfNull(key);
        StoredText.ThrowIfUnwritable(key, "The key of a view", nameof(key));
    }
}
