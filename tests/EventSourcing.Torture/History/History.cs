using System.Text.Json;

namespace EventSourcing.Torture;

/// <summary>What all processes have asked and were told.</summary>
internal sealed class History
{
    /// <summary>Every attempt, by append, in order.</summary>
    public IReadOnlyDictionary<Guid, IReadOnlyList<Attempt>> Appends { get; init; } = new Dictionary<Guid, IReadOnlyList<Attempt>>();

    public IEnumerable<Attempt> Attempts => Appends.Values.SelectMany(attempts => attempts);

    /// <summary>What readers have seen.</summary>
    public IReadOnlyList<Looked> Looks { get; init; } = [];

    /// <summary>What appends under a condition had read, by append.</summary>
    public IReadOnlyDictionary<Guid, Queried> Queries { get; init; } = new Dictionary<Guid, Queried>();

    public static History Read(string folder)
    {
        var begun = new List<AppendBegun>();
        var ended = new Dictionary<(Guid, int), AppendEnded>();
        var looks = new List<Looked>();
        var queries = new List<Queried>();
        foreach (var path in Directory.EnumerateFiles(folder, "*.history"))
        {
            foreach (var line in LineFile.Lines(path).Select(text => JsonSerializer.Deserialize<HistoryLine>(text)!))
            {
                if (line.Begun is { } one)
                {
                    begun.Add(one);
                }
                else if (line.Ended is { } other)
                {
                    ended.Add((other.Append, other.Attempt), other);
                }
                else if (line.Looked is { } looked)
                {
                    looks.Add(looked);
                }
                else if (line.Queried is { } queried)
                {
                    queries.Add(queried);
                }
            }
        }

        return Of(begun, ended.Values, looks, queries);
    }

    public static History Of(IEnumerable<AppendBegun> begun, IEnumerable<AppendEnded> ended, IReadOnlyList<Looked> looks, IEnumerable<Queried>? queries = null)
    {
        var answers = ended.ToDictionary(one => (one.Append, one.Attempt));
        return new History
        {
            Appends = begun.GroupBy(one => one.Append).ToDictionary(
                attempts => attempts.Key,
                attempts => (IReadOnlyList<Attempt>)[.. attempts.OrderBy(one => one.Attempt)
                    .Select(one => new Attempt(one, answers.GetValueOrDefault((one.Append, one.Attempt))))]),
            Looks = looks,
            Queries = (queries ?? []).ToDictionary(one => one.Append),
        };
    }
}
