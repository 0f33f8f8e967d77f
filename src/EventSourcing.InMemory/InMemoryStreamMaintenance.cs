using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json.Nodes;

namespace EventSourcing.InMemory;

/// <summary>Archives, truncates and deletes streams in memory, for tests.</summary>
public sealed class InMemoryStreamMaintenance : IStreamMaintenance
{
    private readonly InMemoryEventStore store;
    private readonly EventTypeRegistry types;
    private readonly InMemorySnapshotStore? snapshots;
    private readonly InMemoryConsumerStore? consumers;
    private readonly InMemoryCheckpointStore? checkpoints;

    // Written between appends alone.
    private readonly List<StreamOperation> operations = [];

    /// <summary>Makes it beside an event store.</summary>
    /// <param name="store">The store.</param>
    /// <param name="types">Knows which events are summaries.</param>
    /// <param name="snapshots">The snapshots beside the store.</param>
    /// <param name="consumers">Those who follow the log.</param>
    /// <param name="checkpoints">Those who follow it by themselves.</param>
    public InMemoryStreamMaintenance(
        InMemoryEventStore store,
        EventTypeRegistry types,
        InMemorySnapshotStore? snapshots = null,
        InMemoryConsumerStore? consumers = null,
        InMemoryCheckpointStore? checkpoints = null)
    {
        ArgumentNullException.ThrowIfNull(store);
        ArgumentNullException.ThrowIfNull(types);
        this.store = store;
        this.types = types;
        this.snapshots = snapshots;
        this.consumers = consumers;
        this.checkpoints = checkpoints;
    }

    /// <inheritdoc/>
    public Task<StreamInfo> ArchiveAsync(StreamName stream, MaintenanceNote note, CancellationToken cancellationToken = default) =>
        RunAsync(stream, note, (log, _, found) => Move(log, found, StreamState.Archived, note), cancellationToken);

    /// <inheritdoc/>
    public Task<StreamInfo> RestoreAsync(StreamName stream, MaintenanceNote note, CancellationToken cancellationToken = default) =>
        RunAsync(stream, note, (log, _, found) => Move(log, found, StreamState.Open, note), cancellationToken);

    /// <inheritdoc/>
    public Task<StreamInfo> TruncateAsync(
        StreamName stream,
        StreamVersion before,
        StreamStandIn standIn,
        MaintenanceNote note,
        bool evenUnread = false,
        CancellationToken cancellationToken = default)
    {
        if (!Enum.IsDefined(standIn))
        {
            throw new ArgumentOutOfRangeException(nameof(standIn), standIn, "What stands in is a summary or a snapshot.");
        }

        return RunAsync(
            stream,
            note,
            (log, _, found) =>
            {
                ThrowIfDeleted(found);
                if (before.Value < 2 || before > found.Version)
                {
                    throw MaintenanceRefusals.OutOfStream(found, before);
                }

                if (before <= found.FirstVersion)
                {
                    return;
                }

                ThrowIfNothingStandsIn(log, found, before, standIn);
                ThrowIfUnread(log, stream, before, evenUnread);
                var gone = log.Remove(stream, before);
                log.Set(stream, found.State, standIn);
                Forget(gone);
                Note(log, StreamOperationKind.Truncate, stream, gone.Count, evenUnread, note);
            },
            cancellationToken);
    }

    /// <inheritdoc/>
    public Task<StreamInfo> DeleteAsync(
        StreamName stream, MaintenanceNote note, bool evenUnread = false, CancellationToken cancellationToken = default) => RunAsync(
        stream,
        note,
        (log, write, found) =>
        {
            if (found.State == StreamState.Deleted)
            {
                return;
            }

            ThrowIfUnread(log, stream, found.Version.Add(1), evenUnread);
            write(new AppendRequest(new StreamAppend(stream, ExpectedVersion.At(found.Version), [Tombstone(note, log.Of(stream).Span[^1])])));
            var gone = log.Remove(stream, found.Version.Add(1));
            log.Set(stream, StreamState.Deleted, standIn: null);
            snapshots?.Remove(stream);
            Forget(gone);
            Note(log, StreamOperationKind.Delete, stream, gone.Count, evenUnread, note);
        },
        cancellationToken);

    /// <inheritdoc/>
    public async IAsyncEnumerable<StreamOperation> ReadOperationsAsync(
        StreamName? stream = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        await Task.CompletedTask.ConfigureAwait(false);
        foreach (var operation in store.WhileNobodyAppends(_ => operations.Where(one => stream is null || one.Stream == stream).ToArray()))
        {
            cancellationToken.ThrowIfCancellationRequested();
            yield return operation;
        }
    }

    private static void ThrowIfDeleted(StreamInfo found)
    {
        if (found.State == StreamState.Deleted)
        {
            throw new StreamClosedException(found.Stream, StreamState.Deleted);
        }
    }

    // With the tag of the tenant whose stream it is, if it is one's: by that its readers find it.
    private static EventData Tombstone(MaintenanceNote note, RecordedEvent last) => new(
        Guid.NewGuid(),
        StreamDeleted.StoredName,
        Encoding.UTF8.GetBytes(new JsonObject { ["reason"] = note.Reason }.ToJsonString()),
        Encoding.UTF8.GetBytes(new JsonObject { ["actor"] = note.Actor }.ToJsonString()),
        [.. last.Tags.Where(tag => tag.Value.StartsWith('@'))]);

    private Task<StreamInfo> RunAsync(
        StreamName stream, MaintenanceNote note, Action<EventLog, Func<AppendRequest, AppendResult>, StreamInfo> work, CancellationToken cancellationToken)
    {
        _ = stream.Value;
        ArgumentNullException.ThrowIfNull(note);
        if (cancellationToken.IsCancellationRequested)
        {
            return Task.FromCanceled<StreamInfo>(cancellationToken);
        }

        try
        {
            return Task.FromResult(store.Maintain((log, write) =>
            {
                work(log, write, log.InfoOf(stream) ?? throw new ArgumentException($"There is no stream '{stream}'.", nameof(stream)));
                return log.InfoOf(stream)!;
            }));
        }
        catch (Exception refusal)
        {
            return Task.FromException<StreamInfo>(refusal);
        }
    }

    private void Move(EventLog log, StreamInfo found, StreamState to, MaintenanceNote note)
    {
        ThrowIfDeleted(found);
        if (found.State != to)
        {
            log.Set(found.Stream, to, found.StandIn);
            var kind = to == StreamState.Archived ? StreamOperationKind.Archive : StreamOperationKind.Restore;
            Note(log, kind, found.Stream, log.Of(found.Stream).Length, evenUnread: false, note);
        }
    }

    private void ThrowIfNothingStandsIn(EventLog log, StreamInfo found, StreamVersion before, StreamStandIn standIn)
    {
        var events = log.Of(found.Stream).ToArray();
        if (standIn == StreamStandIn.Summary && !types.StoredNamesOf(typeof(IStreamSummary)).Contains(events.First(recorded => recorded.Version == before).Type))
        {
            throw MaintenanceRefusals.NoSummary(found.Stream, before);
        }

        if (standIn == StreamStandIn.Snapshot && snapshots?.Of(found.Stream).Any(snapshot => snapshot.Version >= before
            && events.Any(recorded => recorded.Version == snapshot.Version && recorded.Position == snapshot.Position)) is not true)
        {
            throw MaintenanceRefusals.NoSnapshot(found.Stream, before);
        }
    }

    private void ThrowIfUnread(EventLog log, StreamName stream, StreamVersion before, bool evenUnread)
    {
        if (evenUnread)
        {
            return;
        }

        var going = log.Of(stream).ToArray().Where(recorded => recorded.Version < before).Select(recorded => recorded.Position).ToHashSet();
        var last = going.Max();
        var rows = consumers is null ? [] : consumers.ReadAsync().Result.Rows;
        var behind = rows.Where(row => row.Position < last && !row.IsInline)
            .GroupBy(row => row.Key.Consumer, (name, shards) => new UnreadBy(name, shards.Min(row => row.Position)))
            .Concat((checkpoints?.All ?? []).Select(one => new UnreadBy(one.Key, PositionOf(one.Value))).Where(one => one.Position < last))
            .Concat((consumers?.Letters() ?? []).Where(letter => going.Contains(letter.Position)).Select(letter => new UnreadBy(letter.Consumer, letter.Position, IsParked: true)))
            .OrderBy(one => one.Consumer, StringComparer.Ordinal)
            .ThenBy(one => one.Position)
            .ToArray();
        if (behind.Length > 0)
        {
            throw new UnreadEventsException(stream, last, behind);
        }
    }

    // Its text is for others to take apart: here it is this library's own, of one position.
    private static LogPosition PositionOf(Checkpoint checkpoint) => new(long.Parse(checkpoint.ToString().AsSpan(2), CultureInfo.InvariantCulture));

    private void Forget(IReadOnlyList<RecordedEvent> gone)
    {
        var positions = gone.Select(recorded => recorded.Position).ToHashSet();
        consumers?.RemoveLetters(positions.Contains);
    }

    private void Note(EventLog log, StreamOperationKind kind, StreamName stream, int events, bool evenUnread, MaintenanceNote note)
    {
        var now = log.InfoOf(stream)!;
        operations.Add(new StreamOperation(store.Now, kind, stream, now.Version, now.FirstVersion, events, evenUnread, note, Login: null));
    }
}
