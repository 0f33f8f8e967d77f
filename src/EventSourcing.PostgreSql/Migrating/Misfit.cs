using System.Globalization;

namespace EventSourcing.PostgreSql;

/// <summary>What is wrong with an event of a source.</summary>
/// <param name="Problem">Its kind, the same text for all of a kind.</param>
/// <param name="Message">This one, and where it is.</param>
internal sealed record Misfit(string Problem, string Message)
{
    public const string Unfit = "An event is larger than the store takes, or not what it takes at all";

    public static Misfit Of(string problem, long position, string sourceStream, string what) => new(
        problem,
        string.Create(CultureInfo.InvariantCulture, $"The event at position {position} of the source's stream '{Shorten(sourceStream)}' cannot be stored: {what}"));

    public static Misfit Of(string problem, ForeignEvent row, string what) => Of(problem, row.Position, row.SourceStream, what);

    public static string Shorten(string text) => text.Length <= 80 ? text : string.Concat(text.AsSpan(0, 80), "…");

    public ArgumentException ToException() => new(Message);
}
