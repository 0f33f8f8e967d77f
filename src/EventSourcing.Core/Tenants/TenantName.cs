using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace EventSourcing;

/// <summary>The name of a tenant: lower-case letters of ASCII and digits, for example <c>acme</c> or <c>globex2</c>.</summary>
/// <remarks>
/// So little, so that it can stand in any other name and be told from it again. Schemas are named <c>shop_acme</c>, and those of read models
/// <c>shop_acme_orders</c>: with an underscore a tenant <c>acme_orders</c> would be found where the read model of <c>acme</c> is.
/// </remarks>
public readonly record struct TenantName
{
    /// <summary>The longest name: 40 characters. It leaves room in the name of a schema.</summary>
    public const int MaxLength = 40;

    internal const char Separator = '@';

    private readonly string? value;

    /// <summary>Checks and wraps a name.</summary>
    /// <param name="value">The name.</param>
    /// <exception cref="ArgumentNullException"><paramref name="value"/> is null.</exception>
    /// <exception cref="ArgumentException">The name is empty, longer than <see cref="MaxLength"/>, or holds anything but the letters a to z
    /// and the digits 0 to 9.</exception>
    public TenantName(string value)
    {
        ArgumentNullException.ThrowIfNull(value);
        if (!IsName(value))
        {
            throw new ArgumentException(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"'{StoredText.Shorten(value)}' is not the name of a tenant: 1 to {MaxLength} lower-case letters (a to z) and digits."),
                nameof(value));
        }

        this.value = value;
    }

    /// <summary>The name as text.</summary>
    /// <exception cref="InvalidOperationException">This is <c>default(TenantName)</c>, which names no tenant.</exception>
    public string Value => value ?? throw new InvalidOperationException("default(TenantName) names no tenant; use new TenantName(\"acme\").");

    /// <summary>In a log that tenants share, the tag of all events of this one: <c>@acme</c>. For those who run the log, and read it whole.</summary>
    public Tag Tag => new(Separator + Value);

    /// <summary>Checks and wraps a text that comes from outside, such as a header.</summary>
    /// <param name="text">The text; null is no name.</param>
    /// <param name="tenant">The name; <c>default</c> where the text is none.</param>
    /// <returns>Whether the text is a name. Whether there is such a tenant is another question.</returns>
    public static bool TryParse(string? text, out TenantName tenant)
    {
        var isName = text is not null && IsName(text);
        tenant = isName ? new TenantName(text!) : default;
        return isName;
    }

    /// <summary>Checks and wraps a name, as the constructor does.</summary>
    /// <param name="value">The name.</param>
    [SuppressMessage("Usage", "CA2225", Justification = "The constructor is the named alternative.")]
    public static implicit operator TenantName(string value) => new(value);

    /// <summary>The name, or an empty text for <c>default</c>.</summary>
    public override string ToString() => value ?? string.Empty;

    private static bool IsName(string text) => text.Length is > 0 and <= MaxLength && text.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c));
}
