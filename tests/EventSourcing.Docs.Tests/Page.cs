using System.Text;
using System.Text.RegularExpressions;
using EventSourcing.TestInfrastructure;

namespace EventSourcing.Docs;

/// <summary>A page of the documentation, and the program that its C# blocks make up together.</summary>
internal sealed partial class Page(string path)
{
    public static TheoryData<string> All =>
    [
        .. new[] { "README.md", "CONTRIBUTING.md", "CHANGELOG.md" }
            .Concat(Directory.EnumerateFiles(Path.Combine(SourceTree.Root, "docs"), "*.md").Select(file => Path.GetRelativePath(SourceTree.Root, file)))
            .Concat(Directory.EnumerateFiles(Path.Combine(SourceTree.Root, "samples"), "README.md", SearchOption.AllDirectories).Select(file => Path.GetRelativePath(SourceTree.Root, file)))
            .Order(StringComparer.Ordinal),
    ];

    public string Text { get; } = File.ReadAllText(Path.Combine(SourceTree.Root, path)).ReplaceLineEndings("\n");

    /// <summary>Each C# block, with the line on which it begins.</summary>
    public IEnumerable<(int Line, string Code)> Blocks() =>
        Block().Matches(Text).Select(match => (Text[..match.Groups[1].Index].Count(c => c == '\n') + 1, match.Groups[1].Value));

    /// <summary>Links to files of the repository, and the headings in them.</summary>
    public IEnumerable<(string File, string? Heading)> Links()
    {
        foreach (Match match in Link().Matches(Text))
        {
            var target = match.Groups[1].Value.Split('#');
            var folder = Path.GetDirectoryName(Path.Combine(SourceTree.Root, path))!;
            yield return (target[0].Length == 0 ? Path.Combine(SourceTree.Root, path) : Path.GetFullPath(Path.Combine(folder, target[0])), target.Length > 1 ? target[1] : null);
        }
    }

    /// <summary>The headings as the anchors that they become.</summary>
    public IEnumerable<string> Anchors() => Heading().Matches(Text).Select(match =>
    {
        var anchor = new StringBuilder();
        foreach (var c in match.Groups[1].Value.ToLowerInvariant())
        {
            anchor.Append(char.IsLetterOrDigit(c) || c == '-' ? c.ToString() : c == ' ' ? "-" : string.Empty);
        }

        return anchor.ToString();
    });

    [GeneratedRegex("^```csharp\n(.*?)^```$", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Block();

    [GeneratedRegex(@"\]\((?!https?:)([^)\s]+)\)")]
    private static partial Regex Link();

    [GeneratedRegex("^#+ (.+)$", RegexOptions.Multiline)]
    private static partial Regex Heading();
}
