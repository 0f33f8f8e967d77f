using System.Globalization;

namespace EventSourcing.Testing;

/// <summary>Compares by class and content, and shows where they part.</summary>
internal static class Difference
{
    /// <summary>The description of the first difference between two lists; null where there is none.</summary>
    public static string? Between(IReadOnlyList<object> expected, IReadOnlyList<object> actual) =>
        Between([.. expected.Select(Shown.Of)], (Shown[])[.. actual.Select(Shown.Of)]);

    /// <summary>The same of what is shown otherwise than it is.</summary>
    public static string? Between(IReadOnlyList<Shown> expected, IReadOnlyList<Shown> actual)
    {
        Shown[] aligned = [.. actual.Select((one, i) => i < expected.Count ? one.InOrderOf(expected[i]) : one)];
        if (OfLines(Lines(expected), Lines(aligned)) is { } difference)
        {
            return difference;
        }

        // The lines name classes briefly; two classes of one name in different namespaces still differ.
        var others = expected.Zip(actual).FirstOrDefault(pair => pair.First.Class != pair.Second.Class);
        return others.First is null ? null : Describe(others.First.Class!.FullName!, others.Second.Class!.FullName!);
    }

    /// <summary>The same of single values.</summary>
    public static string? Between(Shown expected, Shown actual) => OfLines(expected.Lines(), actual.InOrderOf(expected).Lines());

    /// <summary>The same of lines.</summary>
    public static string? OfLines(string[] expected, string[] actual)
    {
        var first = 0;
        while (first < expected.Length && first < actual.Length && expected[first] == actual[first])
        {
            first++;
        }

        return first < expected.Length || first < actual.Length ? Describe(Mark(expected, first), Mark(actual, first)) : null;
    }

    public static string Describe(string expected, string actual) =>
        $"Expected:{Environment.NewLine}{Indent(expected)}{Environment.NewLine}Actual:{Environment.NewLine}{Indent(actual)}";

    public static string Show(IEnumerable<object> events) => Show(events.Select(Shown.Of));

    public static string Show(IEnumerable<Shown> all) => string.Join(Environment.NewLine, Lines([.. all]));

    public static string Show(Exception exception) => $"an exception {exception.GetType().Name}: {exception.Message}";

    private static string[] Lines(IReadOnlyList<Shown> all) => all.Count == 0
        ? ["nothing"]
        : [.. all.SelectMany((one, i) => (one with { Title = string.Create(CultureInfo.InvariantCulture, $"{i + 1}. {one.Title}") }).Lines())];

    private static string Mark(string[] lines, int first) =>
        string.Join(Environment.NewLine, lines.Select((line, i) => i == first ? $"{line}   <-- first difference" : line))
        + (first >= lines.Length ? $"{Environment.NewLine}(nothing more)   <-- first difference" : string.Empty);

    private static string Indent(string text) => "  " + text.ReplaceLineEndings(Environment.NewLine + "  ");
}
