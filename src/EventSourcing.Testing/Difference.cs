using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace EventSourcing.Testing;

/// <summary>Compares events by class and content, and shows where they part.</summary>
internal static class Difference
{
    private static readonly JsonSerializerOptions Json = new()
    {
        WriteIndented = true,
        IncludeFields = true,

        // For people: an apostrophe or an umlaut is to be read, not decoded.
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>The description of the first difference; null where there is none.</summary>
    public static string? Between(IReadOnlyList<object> expected, IReadOnlyList<object> actual)
    {
        var expectedLines = Lines(expected);
        var actualLines = Lines(actual);
        var first = 0;
        while (first < expectedLines.Length && first < actualLines.Length && expectedLines[first] == actualLines[first])
        {
            first++;
        }

        if (first < expectedLines.Length || first < actualLines.Length)
        {
            return Describe(Mark(expectedLines, first), Mark(actualLines, first));
        }

        // The lines name classes briefly; two classes of one name in different namespaces still differ.
        var others = expected.Zip(actual).FirstOrDefault(pair => pair.First.GetType() != pair.Second.GetType());
        return others.First is null ? null : Describe(others.First.GetType().FullName!, others.Second.GetType().FullName!);
    }

    public static string Describe(string expected, string actual) =>
        $"Expected:{Environment.NewLine}{Indent(expected)}{Environment.NewLine}Actual:{Environment.NewLine}{Indent(actual)}";

    public static string Show(IReadOnlyList<object> events) => string.Join(Environment.NewLine, Lines(events));

    public static string Show(Exception exception) => $"an exception {exception.GetType().Name}: {exception.Message}";

    private static string[] Lines(IReadOnlyList<object> events)
    {
        if (events.Count == 0)
        {
            return ["nothing"];
        }

        var text = new StringBuilder();
        for (var i = 0; i < events.Count; i++)
        {
            var type = events[i].GetType();
            text.AppendLine(CultureInfo.InvariantCulture, $"{i + 1}. {type.Name} {JsonSerializer.Serialize(events[i], type, Json)}");
        }

        return text.ToString().TrimEnd().ReplaceLineEndings("\n").Split('\n');
    }

    private static string Mark(string[] lines, int first) =>
        string.Join(Environment.NewLine, lines.Select((line, i) => i == first ? $"{line}   <-- first difference" : line))
        + (first >= lines.Length ? $"{Environment.NewLine}(nothing more)   <-- first difference" : string.Empty);

    private static string Indent(string text) => "  " + text.ReplaceLineEndings(Environment.NewLine + "  ");
}
