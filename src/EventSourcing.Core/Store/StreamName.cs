using System.Diagnostics.CodeAnalysis;

namespace EventSourcing;

/// <summary>
/// The name of a stream: <c>category-id</c>, for example <c>customer-17850</c>. The category is what stands before
/// the first hyphen; a name without a hyphen is a category of its own.
/// </summary>
/// <remarks>Names are compared byte for byte (ordinal), and stored exactly as written.</remarks>
public readonly record struct StreamName
{
    /// <summary>The longest name, in UTF-16 code units: 500. It keeps every name well inside an index entry.</summary>
    public const int MaxLength = 500;

    private readonly string? value;

    /// <summary>Checks and wraps a name.</summary>
    /// <param name="value">The whole name, category included.</param>
    /// <exception cref="ArgumentNullException"><paramref name="value"/> is null.</exception>
    /// <exception cref="ArgumentException">The name is empty, longer than <see cref="MaxLength"/>, starts with the
    /// hyphen that ends a category, or holds U+0000 or a lone surrogate.</exception>
    public StreamName(string value)
    {
        StoredText.ThrowIfUnfit(value, MaxLength, "A stream name", nameof(value));
        if (value[0] == '-')
        {
            throw new ArgumentException(
                $"A stream name is 'category-id'; '{StoredText.Shorten(value)}' has no category before its first hyphen.",
                nameof(value));
        }

        this.value = value;
    }

    /// <summary>The whole name.</summary>
    /// <exception cref="InvalidOperationException">This is <c>default(StreamName)</c>, which names no stream.</exception>
    public string Value =>
        value ?? throw new InvalidOperationException("default(StreamName) names no stream; use new StreamName(\"category-id\").");

    /// <summary>What stands before the first hyphen, or the whole name where there is none.</summary>
    public string Category
    {
        get
        {
            var hyphen = Value.IndexOf('-', StringComparison.Ordinal);
            return hyphen < 0 ? Value : Value[..hyphen];
        }
    }

    internal bool IsDefault => value is null;

    /// <summary>Joins a category and an id: <c>StreamName.For("customer", 17850)</c> is <c>customer-17850</c>.</summary>
    /// <param name="category">The category; it holds no hyphen.</param>
    /// <param name="id">The id within the category, formatted with the invariant culture; it may hold hyphens.</param>
    /// <exception cref="ArgumentException">The category is empty or holds a hyphen, the id is empty, or the name as a
    /// whole is not a stream name.</exception>
    public static StreamName For<TId>(string category, TId id)
        where TId : notnull
    {
        ArgumentException.ThrowIfNullOrEmpty(category);
        if (category.Contains('-', StringComparison.Ordinal))
        {
            throw new ArgumentException(
                $"A category holds no hyphen, because the first hyphen of a stream name ends it; got '{StoredText.Shorten(category)}'.",
                nameof(category));
        }

        var text = string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{id}");
        ArgumentException.ThrowIfNullOrEmpty(text, nameof(id));
        return new StreamName($"{category}-{text}");
    }

    /// <summary>Checks and wraps a name, as the constructor does.</summary>
    /// <param name="value">The whole name.</param>
    [SuppressMessage("Usage", "CA2225", Justification = "The constructor is the named alternative.")]
    public static implicit operator StreamName(string value) => new(value);

    /// <summary>The name, or an empty text for <c>default</c>.</summary>
    public override string ToString() => value ?? string.Empty;
}
