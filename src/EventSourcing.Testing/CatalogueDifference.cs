using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace EventSourcing.Testing;

/// <summary>Tells what has changed between two catalogues, event by event, and line by line within each.</summary>
internal static class CatalogueDifference
{
    /// <summary>How many lines are shown around those that have changed.</summary>
    private const int Context = 3;

    private static readonly JsonSerializerOptions Text = new() { WriteIndented = true, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The difference, for people.</summary>
    /// <exception cref="JsonException">A text is no JSON object.</exception>
    /// <exception cref="ArgumentException">A text has one event twice.</exception>
    public static string Between(string approved, string actual)
    {
        var (before, after) = (Events(approved), Events(actual));
        var text = new StringBuilder();
        foreach (var name in before.Keys.Union(after.Keys).Order(StringComparer.Ordinal))
        {
            var (old, now) = (before.GetValueOrDefault(name), after.GetValueOrDefault(name));
            if (old is null)
            {
                text.AppendLine($"'{name}' is new").AppendLine(Indented(now!.Select(line => $"+ {line}"))).AppendLine();
            }
            else if (now is null)
            {
                text.AppendLine($"'{name}' is gone: events stored under this name cannot be read any more, unless an upcaster lifts them")
                    .AppendLine(Indented(old.Select(line => $"- {line}"))).AppendLine();
            }
            else if (!old.SequenceEqual(now))
            {
                text.AppendLine($"'{name}' has changed").AppendLine(Indented(Shortened(Lines(old, now)))).AppendLine();
            }
        }

        return text.Length == 0 ? "The same in another order, or otherwise written." : text.ToString().TrimEnd();
    }

    private static Dictionary<string, string[]> Events(string catalogue) =>
        (JsonNode.Parse(catalogue) as JsonObject ?? throw new JsonException("it is no JSON object."))
        .ToDictionary(one => one.Key, one => (one.Value?.ToJsonString(Text) ?? "null").Split('\n'), StringComparer.Ordinal);

    /// <summary>All lines of both, with what they have in common once: the longest common subsequence.</summary>
    private static List<string> Lines(string[] before, string[] after)
    {
        var common = new int[before.Length + 1, after.Length + 1];
        for (var i = before.Length - 1; i >= 0; i--)
        {
            for (var j = after.Length - 1; j >= 0; j--)
            {
                common[i, j] = before[i] == after[j] ? common[i + 1, j + 1] + 1 : Math.Max(common[i + 1, j], common[i, j + 1]);
            }
        }

        var lines = new List<string>();
        var (old, now) = (0, 0);
        while (old < before.Length || now < after.Length)
        {
            if (old < before.Length && now < after.Length && before[old] == after[now])
            {
                lines.Add($"  {before[old++]}");
                now++;
            }
            else if (old < before.Length && (now == after.Length || common[old + 1, now] >= common[old, now + 1]))
            {
                lines.Add($"- {before[old++]}");
            }
            else
            {
                lines.Add($"+ {after[now++]}");
            }
        }

        return lines;
    }

    private static IEnumerable<string> Shortened(List<string> lines)
    {
        var isLeftOut = false;
        for (var i = 0; i < lines.Count; i++)
        {
            var from = Math.Max(0, i - Context);
            if (lines[from..Math.Min(lines.Count, i + Context + 1)].Exists(line => line[0] != ' '))
            {
                yield return lines[i];
                isLeftOut = false;
            }
            else if (!isLeftOut)
            {
                yield return "  …";
                isLeftOut = true;
            }
        }
    }

    private static string Indented(IEnumerable<string> lines) => string.Join(Environment.NewLine, lines.Select(line => $"  {line}"));
}
