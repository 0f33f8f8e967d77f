using System.Diagnostics;
using EventSourcing.PostgreSql;

namespace EventSourcing.Torture;

/// <summary>An import; each of its parts is in the history as an append whose caller is told all but the position.</summary>
internal sealed class RecordedImport(HistoryFile history, IReadOnlyList<StreamAppend> parts)
{
    private readonly Guid[] appends = [.. parts.Select(_ => Guid.NewGuid())];
    private int attempts;

    public bool IsStored { get; private set; }

    public async Task TryAsync(PostgreSqlEventStore store)
    {
        attempts++;
        foreach (var (part, append) in parts.Zip(appends))
        {
            history.Write(AppendBegun.Of(new AppendRequest(part), append, attempts, Stopwatch.GetTimestamp()));
        }

        string? error = null;
        var isDocumented = true;
        try
        {
            await store.ImportAsync(parts.ToAsyncEnumerable());
            IsStored = true;
        }
        catch (Exception failure)
        {
            isDocumented = failure is EventStoreUnavailableException;
            error = isDocumented ? failure.Message : failure.ToString();
        }

        foreach (var (part, append) in parts.Zip(appends))
        {
            history.Write(new AppendEnded(append, attempts, Stopwatch.GetTimestamp(), IsStored ? AppendOutcome.Stored : AppendOutcome.Unknown)
            {
                Versions = IsStored ? [part.Events.Count] : [],
                Position = AppendEnded.NotTold,
                Error = error,
                IsDocumented = isDocumented,
            });
        }
    }
}
