using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace EventSourcing;

/// <summary>Compares two JSON values, by path.</summary>
internal static class JsonDifference
{
    /// <summary>The values that differ, as small as they can be told.</summary>
    public static IReadOnlyList<StateChange> Between(JsonElement before, JsonElement after)
    {
        var changes = new List<StateChange>();
        Compare(changes, "$", before, after);
        return changes;
    }

    private static void Compare(List<StateChange> changes, string path, JsonElement? before, JsonElement? after)
    {
        switch (before, after)
        {
            case ({ ValueKind: JsonValueKind.Object } left, { ValueKind: JsonValueKind.Object } right):
                CompareObjects(changes, path, left, right);
                break;
            case ({ ValueKind: JsonValueKind.Array } left, { ValueKind: JsonValueKind.Array } right):
                CompareArrays(changes, path, [.. left.EnumerateArray()], [.. right.EnumerateArray()]);
                break;
            case ({ } left, { } right) when JsonElement.DeepEquals(left, right):
                break;
            default:
                changes.Add(new StateChange(path, before?.GetRawText(), after?.GetRawText()));
                break;
        }
    }

    private static void CompareObjects(List<StateChange> changes, string path, JsonElement before, JsonElement after)
    {
        foreach (var member in before.EnumerateObject())
        {
            Compare(changes, Member(path, member.Name), member.Value, after.TryGetProperty(member.Name, out var other) ? other : null);
        }

        foreach (var member in after.EnumerateObject().Where(member => !before.TryGetProperty(member.Name, out _)))
        {
            Compare(changes, Member(path, member.Name), null, member.Value);
        }
    }

    // What is the same at both ends is left out first: one element more in the middle is then one change, not one for each that follows.
    private static void CompareArrays(List<StateChange> changes, string path, JsonElement[] before, JsonElement[] after)
    {
        var shorter = Math.Min(before.Length, after.Length);
        var head = 0;
        while (head < shorter && JsonElement.DeepEquals(before[head], after[head]))
        {
            head++;
        }

        var tail = 0;
        while (tail < shorter - head && JsonElement.DeepEquals(before[^(tail + 1)], after[^(tail + 1)]))
        {
            tail++;
        }

        for (var i = head; i < Math.Max(before.Length, after.Length) - tail; i++)
        {
            Compare(
                changes,
                string.Create(CultureInfo.InvariantCulture, $"{path}[{i}]"),
                i < before.Length - tail ? before[i] : null,
                i < after.Length - tail ? after[i] : null);
        }
    }

    private static string Member(string path, string name) =>
        name.Length > 0 && !char.IsAsciiDigit(name[0]) && name.All(c => char.IsLetterOrDigit(c) || c == '_')
            ? $"{path}.{name}"
            : $"{path}[\"{JsonEncodedText.Encode(name, JavaScriptEncoder.UnsafeRelaxedJsonEscaping)}\"]";
}
