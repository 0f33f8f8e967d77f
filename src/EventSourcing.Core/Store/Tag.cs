using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Runtime.CompilerServices;

namespace EventSourcing;

/// <summary>
/// What an event is about, beside its stream: <c>kind:id</c>, for example <c>course:c1</c>. An event may have several; queries and
/// consistency boundaries find it by them.
/// </summary>
/// <remarks>Tags are compared byte for byte (ordinal), and stored exactly as written.</remarks>
public readonly record struct Tag
{
    /// <summary>The longest tag, in UTF-16 code units: 200.</summary>
    public const int MaxLength = 200;

    /// <summary>The most tags of one event, or of one item of a query: 32.</summary>
    public const int MaxCount = 32;

    private readonly string? value;

    /// <summary>Checks and wraps a tag.</summary>
    /// <param name="value">The whole tag.</param>
    /// <exception cref="ArgumentNullException"><paramref name="value"/> is null.</exception>
    /// <exception cref="ArgumentException">The tag is empty, longer than <see cref="MaxLength"/>, or holds a control character or a
    /// lone surrogate.</exception>
    public Tag(string value)
    {
        StoredText.ThrowIfUnfit(value, MaxLength, "A tag", nameof(value));
        if (value.Any(char.IsControl))
        {
            throw new ArgumentException($"A tag holds no control characters; '{StoredText.Shorten(value)}' does.", nameof(value));
        }

        this.value = value;
    }

    /// <summary>The whole tag.</summary>
    /// <exception cref="InvalidOperationException">This is <c>default(Tag)</c>, which is none.</exception>
    public string Value => value ?? throw new InvalidOperationException("default(Tag) is no tag; use Tag.For(\"kind\", id).");

    internal bool IsDefault => value is null;

    /// <summary>Joins a kind and an id: <c>Tag.For("course", 17)</c> is <c>course:17</c>.</summary>
    /// <param name="kind">The kind; it holds no colon.</param>
    /// <param name="id">The id, formatted with the invariant culture; it may hold colons. A class of your own says its text in a
    /// <c>ToString</c> of its own.</param>
    /// <exception cref="ArgumentException">The kind is empty or holds a colon, the id is empty or has no text of its own, or the whole is
    /// not a tag.</exception>
    public static Tag For<TId>(string kind, TId id)
        where TId : notnull
    {
        ArgumentException.ThrowIfNullOrEmpty(kind);
        if (kind.Contains(':', StringComparison.Ordinal))
        {
            throw new ArgumentException($"A tag's kind holds no colon, because the first one ends it; got '{StoredText.Shorten(kind)}'.", nameof(kind));
        }

        ThrowIfNameless(id);
        var text = string.Create(CultureInfo.InvariantCulture, $"{id}");
        ArgumentException.ThrowIfNullOrEmpty(text, nameof(id));
        return new Tag($"{kind}:{text}");
    }

    /// <summary>Checks and wraps a tag, as the constructor does.</summary>
    /// <param name="value">The whole tag.</param>
    [SuppressMessage("Usage", "CA2225", Justification = "The constructor is the named alternative.")]
    public static implicit operator Tag(string value) => new(value);

    /// <summary>The tag, or an empty text for <c>default</c>.</summary>
    public override string ToString() => value ?? string.Empty;

    // What the compiler or the runtime writes names the class: renamed, it would find none of its stored events again.
    private static void ThrowIfNameless(object id)
    {
        if (id is string or IFormattable or bool or char)
        {
            return;
        }

        var text = new Func<string?>(id.ToString).Method;
        if (text.DeclaringType == typeof(object) || text.DeclaringType == typeof(ValueType) || text.IsDefined(typeof(CompilerGeneratedAttribute), inherit: false))
        {
            throw new ArgumentException($"An id of {id.GetType().FullName} makes no tag: the class has no ToString() of its own that gives the id alone.", nameof(id));
        }
    }

    /// <summary>Tags without repetitions, checked.</summary>
    internal static IReadOnlyList<Tag> Distinct(IReadOnlyCollection<Tag>? tags, string parameter)
    {
        if (tags is null || tags.Count == 0)
        {
            return [];
        }

        if (tags.Any(tag => tag.IsDefault))
        {
            throw new ArgumentException("default(Tag) is no tag.", parameter);
        }

        Tag[] distinct = [.. tags.Distinct()];
        return distinct.Length <= MaxCount
            ? distinct
            : throw new ArgumentException(string.Create(CultureInfo.InvariantCulture, $"At most {MaxCount} tags go together; got {distinct.Length}."), parameter);
    }
}
