using System.Text;
using System.Text.Json;
using EventSourcing.PostgreSql;

namespace EventSourcing.Torture;

/// <summary>What a damaged stream, or a damaged snapshot of it, is loaded as: the state that it had, or an exception that says where.</summary>
internal sealed class StreamDamage(Trial trial, Random random, Damaged damaged)
{
    private static readonly Fold<Folded> Fold = new(() => new Folded(0, 0), (state, @event) => @event is Moved moved ? new Folded(state.Sum + moved.Amount, state.Count + 1) : state)
    {
        Snapshots = SnapshotPolicy.Of<Folded>("folded", schemaVersion: 2, every: 3),
    };

    private static readonly JsonSerializerOptions Usual = new() { PropertyNamingPolicy = JsonNamingPolicy.CamelCase, PropertyNameCaseInsensitive = true };

    private readonly HostileJson json = new(random);

    public async Task RunAsync(int count)
    {
        for (var i = 0; i < count; i++)
        {
            await HoleAsync();
            await PayloadAsync();
            await SnapshotAsync();
            await RowAsync();
        }
    }

    private async Task HoleAsync()
    {
        var (stream, events) = await AppendAsync();
        var warm = NewRepository(hasCache: true, hasSnapshots: false);
        await warm.LoadAsync(stream, Fold);
        var snapshots = NewRepository(hasCache: false, hasSnapshots: true);
        await snapshots.LoadAsync(stream, Fold);
        var first = random.Next(1, events.Length + 1);
        var last = random.Next(first, events.Length + 1);
        await damaged.ExecuteAsync("delete from {schema}.events where stream_name = $1 and version between $2 and $3", stream.Value, (long)first, (long)last);
        var shown = $"versions {first} to {last} of {events.Length} missing";

        // Of events that are missing at the end nothing is to be seen in those before: then no command is executed.
        var isEnd = last == events.Length;
        var cut = Text(Sum(events[..(first - 1)]));
        foreach (var (name, repository) in new[] { ("cold", NewRepository(false, false)), ("warm", warm), ("with snapshots", snapshots), ("with snapshots and cache", NewRepository(true, true)) })
        {
            var outcome = await LoadAsync(repository, stream);
            trial.Require(
                outcome == Text(Sum(events)) || outcome == "! DamagedDataException" || (isEnd && outcome == cut),
                $"A stream with a hole is loaded ({name})",
                $"{shown}: {outcome} instead of {Text(Sum(events))}");
            var executed = await trial.OnceAsync("ExecuteAsync", shown, async () =>
            {
                try
                {
                    await repository.ExecuteAsync(stream, Fold, _ => [new Moved(1, [])]);
                    return "written";
                }
                catch (DamagedDataException hole)
                {
                    return hole.Stream == stream && hole.Position is not null ? "refused" : "refused without saying where";
                }
                catch (ConcurrencyConflictException)
                {
                    return "conflict";
                }
            });

            // What is remembered as it was may be gone on from: the decision is right, and the hole is no wider for it.
            trial.Require(
                executed is "= refused" or "= conflict" || (executed == "= written" && outcome == Text(Sum(events))),
                $"A command is executed on a stream with a hole ({name})",
                $"{shown}: {executed}");
            if (executed == "= written")
            {
                break;
            }
        }

        trial.Run.Checked("holes");
    }

    private async Task PayloadAsync()
    {
        var (stream, events) = await AppendAsync();
        var version = random.Next(1, events.Length + 1);
        var (what, payload) = random.Next(4) switch
        {
            0 => ("type", $"t{random.Next()}"),
            1 => ("metadata", Encoding.UTF8.GetString(json.NextMetadata())),
            2 => ("data", string.Concat(Enumerable.Repeat("[", 2_000)) + string.Concat(Enumerable.Repeat("]", 2_000))),
            _ => ("data", random.Next(2) == 0 ? json.Value(3) : """{"amount":"1","labels":{},"$type":"System.Diagnostics.Process, System.Diagnostics.Process"}"""),
        };
        if (what == "metadata" && !HostileJson.IsJson(Encoding.UTF8.GetBytes(payload)))
        {
            return;
        }

        await damaged.ExecuteAsync($"update {{schema}}.events set {what} = $3::{(what == "type" ? "text" : "json")} where stream_name = $1 and version = $2", stream.Value, (long)version, payload);
        var shown = $"{what} {Trial.Show(payload)} at version {version} of {events.Length}";
        var expected = what switch
        {
            "type" => "! UnknownEventTypeException",
            "metadata" => Text(Sum(events)),
            _ => PlainRead(payload) is { } read ? Text(Sum([.. events[..(version - 1)], read, .. events[version..]])) : "! EventSerializationException",
        };
        foreach (var repository in new[] { NewRepository(false, false), NewRepository(true, false) })
        {
            trial.Require(await LoadAsync(repository, stream) is var outcome && outcome == expected, "A damaged event is loaded", $"{shown}: {outcome} instead of {expected}");
        }

        await using var store = damaged.NewStore();
        await foreach (var recorded in store.ReadStreamAsync(stream))
        {
            var read = await trial.OnceAsync("Deserialize", shown, () => Task.FromResult(WithPlace(recorded)));
            trial.Require(read is not "= elsewhere", "An exception names another place than the event's", shown);
        }

        trial.Run.Checked("damaged events");
    }

    private async Task SnapshotAsync()
    {
        var (stream, events) = await AppendAsync();
        await NewRepository(hasCache: false, hasSnapshots: true).LoadAsync(stream, Fold);
        const string Wrong = """{"sum":424242,"count":42}""";
        var (what, value) = random.Next(8) switch
        {
            0 => ("version = 0, state", Wrong),
            1 => ($"version = version + {random.Next(1, 90)}, state", Wrong),
            2 => ($"version = -{random.Next(1, 90)}, state", Wrong),
            3 => ($"position = position + {random.Next(1, 90)}, state", Wrong),
            4 => ("position = -1, state", Wrong),
            5 => ("schema_version = 1, state", Wrong),
            _ => ("state", json.Value(3) is var shape && PlainSnapshot(shape) ? "[]" : shape),
        };
        var changed = await damaged.ExecuteAsync($"update {{schema}}.snapshots set {what} = $2::json where stream_name = $1", stream.Value, value);
        trial.Require(changed == (events.Length >= 3 ? 1 : 0), "No snapshot was taken", $"of {events.Length} events");
        foreach (var repository in new[] { NewRepository(false, true), NewRepository(true, true) })
        {
            trial.Require(
                await LoadAsync(repository, stream) is var outcome && outcome == Text(Sum(events)),
                "A damaged snapshot is believed",
                $"{what} {Trial.Show(value)}: {outcome} instead of {Text(Sum(events))}");
        }

        trial.Run.Checked("damaged snapshots");
    }

    /// <summary>Columns beside the payload: whoever reads the log is told where it is damaged.</summary>
    private async Task RowAsync()
    {
        var (stream, events) = await AppendAsync();
        var column = new[] { "stream_name = ''", "stream_name = '-x'", "stream_name = repeat('x', 501)", "version = -1", "recorded_at = '0044-03-15 12:00 BC'", "recorded_at = 'infinity'" }[random.Next(6)];
        var position = (await damaged.Store.GetHeadAsync()).Highest.Value - random.Next(events.Length);
        await damaged.ExecuteAsync($"update {{schema}}.events set {column} where position = $1", position);
        await using var store = damaged.NewStore();
        var outcome = await trial.OnceAsync("ReadAllAsync", column, async () =>
        {
            try
            {
                await foreach (var recorded in store.ReadAllAsync(new LogReadOptions { After = new LogPosition(position - 1) }))
                {
                }

                return "read";
            }
            catch (DamagedDataException row)
            {
                return row.Position?.Value == position ? "refused" : "elsewhere";
            }
        });
        trial.Require(outcome == (column.Contains("infinity", StringComparison.Ordinal) ? "= read" : "= refused"), "A damaged row is read, or not told by its place", $"{column}: {outcome}");
        await damaged.ExecuteAsync("delete from {schema}.events where position = $1", position);
        trial.Run.Checked("damaged rows");
    }

    private async Task<(StreamName Stream, Moved[] Events)> AppendAsync()
    {
        StreamName stream = StreamName.For("account", Guid.NewGuid());
        var events = Enumerable.Range(0, random.Next(2, 9)).Select(_ => new Moved(random.Next(1, 1_000), [])).ToArray();
        await damaged.Store.AppendAsync(stream, ExpectedVersion.NoStream, [.. events.Select(one => Texts.Serializer.Serialize(one))]);
        return (stream, events);
    }

    private Repository NewRepository(bool hasCache, bool hasSnapshots) => new(
        damaged.Store,
        Texts.Serializer,
        new ConflictRetryOptions { MaxAttempts = 2 },
        cache: hasCache ? new StreamCacheOptions() : null,
        snapshots: hasSnapshots ? new PostgreSqlSnapshotStore(damaged.Store) : null);

    private async Task<string> LoadAsync(Repository repository, StreamName stream) => await trial.OnceAsync("LoadAsync", stream.Value, async () =>
        (await repository.LoadAsync(stream, Fold)).State.ToString());

    private static string WithPlace(RecordedEvent recorded)
    {
        try
        {
            var envelope = Texts.Serializer.Deserialize(recorded);
            _ = envelope.Metadata;
            return "read";
        }
        catch (EventSerializationException failure)
        {
            return failure.Stream == recorded.Stream && failure.Version == recorded.Version && failure.Position == recorded.Position && failure.EventType == recorded.Type
                ? "refused" : "elsewhere";
        }
        catch (UnknownEventTypeException failure)
        {
            return failure.EventType == recorded.Type && failure.Message.Contains(recorded.Position.ToString(), StringComparison.Ordinal) ? "unknown" : "elsewhere";
        }
    }

    /// <summary>What System.Text.Json by itself makes of a payload.</summary>
    private static Moved? PlainRead(string payload) => Plain<Moved>(payload);

    private static bool PlainSnapshot(string payload) => Plain<Folded>(payload) is not null;

    private static T? Plain<T>(string payload)
        where T : class
    {
        try
        {
            return JsonSerializer.Deserialize<T>(payload, Usual);
        }
        catch (Exception unreadable) when (unreadable is JsonException or InvalidOperationException or ArgumentException)
        {
            return null;
        }
    }

    private static Folded Sum(IEnumerable<Moved> events) => events.Aggregate(new Folded(0, 0), (state, one) => new Folded(state.Sum + one.Amount, state.Count + 1));

    private static string Text(Folded state) => "= " + state;

    private sealed record Folded(long Sum, int Count);
}
