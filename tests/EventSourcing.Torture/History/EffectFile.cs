using System.Globalization;

namespace EventSourcing.Torture;

/// <summary>What one process has done outside of the store, an effect a line, each written before it goes on.</summary>
internal sealed class EffectFile(string path) : IDisposable
{
    private readonly LineFile file = new(path);

    /// <summary>The effects of all processes, in order of time.</summary>
    public static IReadOnlyList<string> ReadAll(string folder, string ending) => [.. Directory.EnumerateFiles(folder, "*" + ending)
        .SelectMany(LineFile.Lines)
        .Select(line => line.Split(' ', 2))
        .Select(parts => (At: long.Parse(parts[0], CultureInfo.InvariantCulture), What: parts[1]))
        .OrderBy(effect => effect.At)
        .Select(effect => effect.What)];

    /// <summary>Writes down an effect.</summary>
    /// <param name="at">When, in ticks of the machine's steady clock.</param>
    /// <param name="what">What: the same text where the same is done again.</param>
    public void Write(long at, string what) => file.Write(string.Create(CultureInfo.InvariantCulture, $"{at} {what}"));

    public void Dispose() => file.Dispose();
}
