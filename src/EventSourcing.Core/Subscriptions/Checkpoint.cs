using System.Globalization;

namespace EventSourcing;

/// <summary>
/// Where a subscription goes on: a short text to be kept and handed back, not to be taken apart. Today it holds one
/// position; a log of several shards will hold one for each.
/// </summary>
public readonly record struct Checkpoint
{
    private const string Prefix = "p:";

    private Checkpoint(LogPosition position) => Position = position;

    /// <summary>Before the first event; also what <c>default</c> is.</summary>
    public static Checkpoint Start => default;

    internal LogPosition Position { get; }

    /// <summary>The checkpoint right after an event, so that a subscription starts with the next one.</summary>
    /// <param name="position">The event's position; the store's head starts from now on.</param>
    public static Checkpoint After(LogPosition position) => new(position);

    /// <summary>Reads the text of a checkpoint.</summary>
    /// <param name="text">What <see cref="ToString"/> gave.</param>
    /// <exception cref="FormatException">The text is none.</exception>
    public static Checkpoint Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return text.StartsWith(Prefix, StringComparison.Ordinal)
            && long.TryParse(text.AsSpan(Prefix.Length), NumberStyles.None, CultureInfo.InvariantCulture, out var position)
                ? new Checkpoint(new LogPosition(position))
                : throw new FormatException($"'{StoredText.Shorten(text)}' is not the text of a checkpoint.");
    }

    /// <summary>The text to keep.</summary>
    public override string ToString() => Prefix + Position;
}
