using System.Text.Json;

namespace EventSourcing.Torture;

/// <summary>What all processes have asked and were told.</summary>
internal sealed class History
{
    /// <summary>Every attempt, by append, in order.</summary>
    public IReadOnlyDictionary<Guid, IReadOnlyList<Attempt>> Appends { get; private init; } = new Dictionary<Guid, IReadOnlyList<Attempt>>();

    public IEnumerable<Attempt> Attempts => Appends.Values.SelectMany(attempts => attempts);

    public static History Read(string folder)
    {
        var begun = new List<AppendBegun>();
        var ended = new Dictionary<(Guid, int), AppendEnded>();
        foreach (var path in Directory.EnumerateFiles(folder, "*.history"))
        {
            using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            using var reader = new StreamReader(file);
            while (reader.ReadLine() is { } text)
            {
                HistoryLine line;
                try
                {
                    line = JsonSerializer.Deserialize<HistoryLine>(text)!;
                }
                catch (JsonException) when (reader.EndOfStream)
                {
                    // Killed in the middle of a line: what it was to say, nobody was told.
                    break;
                }

                if (line.Begun is { } one)
                {
                    begun.Add(one);
                }
                else if (line.Ended is { } other)
                {
                    ended.Add((other.Append, other.Attempt), other);
                }
            }
        }

        return new History
        {
            Appends = begun.GroupBy(one => one.Append).ToDictionary(
                attempts => attempts.Key,
                attempts => (IReadOnlyList<Attempt>)[.. attempts.OrderBy(one => one.Attempt)
                    .Select(one => new Attempt(one, ended.GetValueOrDefault((one.Append, one.Attempt))))]),
        };
    }
}
