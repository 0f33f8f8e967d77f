using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace EventSourcing;

/// <summary>One rule for every short text that a store keeps: not empty, bounded, and writable as UTF-8 anywhere.</summary>
internal static class StoredText
{
    public static void ThrowIfUnfit([NotNull] string? text, int maxLength, string what, string parameter)
    {
        ArgumentNullException.ThrowIfNull(text, parameter);
        if (text.Length == 0)
        {
            throw new ArgumentException($"{what} is not empty.", parameter);
        }

        if (text.Length > maxLength)
        {
            throw new ArgumentException(
                string.Create(CultureInfo.InvariantCulture, $"{what} has at most {maxLength} characters; this one has {text.Length}."),
                parameter);
        }

        ThrowIfUnwritable(text, what, parameter);
    }

    public static void ThrowIfUnwritable(string text, string what, string parameter)
    {
        if (text.Contains('\0', StringComparison.Ordinal))
        {
            throw new ArgumentException($"{what} cannot hold U+0000, which PostgreSQL cannot store in a text.", parameter);
        }

        if (IndexOfLoneSurrogate(text) is var index and >= 0)
        {
            throw new ArgumentException(
                string.Create(CultureInfo.InvariantCulture, $"{what} holds a lone surrogate at index {index}, which UTF-8 cannot express."),
                parameter);
        }
    }

    public static int IndexOfLoneSurrogate(ReadOnlySpan<char> text)
    {
        // Almost no text holds a surrogate: one vectorised look settles it.
        var start = text.IndexOfAnyInRange('\uD800', '\uDFFF');
        if (start < 0)
        {
            return -1;
        }

        for (var i = start; i < text.Length; i++)
        {
            if (!char.IsSurrogate(text[i]))
            {
                continue;
            }

            if (i + 1 < text.Length && char.IsSurrogatePair(text[i], text[i + 1]))
            {
                i++;
                continue;
            }

            return i;
        }

        return -1;
    }

    public static string Shorten(string text) => text.Length <= 80 ? text : string.Concat(text.AsSpan(0, 80), "…");
}
