using System.Diagnostics;
using System.Globalization;
using System.Text;
using Xunit;

namespace EventSourcing.Conformance;

/// <summary>Decisions that race: overlapping ones never both win, whoever else appends meanwhile; disjoint ones all do.</summary>
public abstract class BoundaryRaceSuite : TaggedSuite
{
    private const int Racers = 16;

    private readonly Lazy<IEventStore> rival;

    protected BoundaryRaceSuite() => rival = new Lazy<IEventStore>(CreateRival);

    /// <summary>How many rounds are raced.</summary>
    protected virtual int Rounds => 60;

    /// <summary>The store as another process has it, for half of the racers.</summary>
    protected virtual IEventStore CreateRival() => Store;

    /// <summary>Begins an append without a condition in a transaction that stays open, where the adapter has such: others do not see it,
    /// but its positions may be taken.</summary>
    /// <returns>What ends it; whether it is kept or rolled back.</returns>
    protected virtual Task<Func<bool, Task>> OpenAppendAsync(AppendRequest request) =>
        Task.FromResult<Func<bool, Task>>(isKept => isKept ? Store.AppendAsync(request, Cancellation) : Task.CompletedTask);

    [Fact]
    public async Task An_append_that_was_open_while_a_decision_read_what_came_after_it_spoils_it()
    {
        var query = Query(" | a");
        await StoreAsync(Tagged("seen", "a"));
        var end = await OpenAppendAsync(new AppendRequest(new StreamAppend("open-1", ExpectedVersion.NoStream, [Tagged("seen", "a")])));
        await StoreAsync(Tagged("seen", "a"));
        var read = await QueryAsync(query);
        await end(true);

        Assert.Equal(2, read.Events.Count);
        var unseen = await IsSpoiledAsync(() => AppendIfAsync(query, read.Point, Tagged("seen", "a")));
        Assert.Equal(Assert.Single(await ReadAsync("open-1")).Position, unseen);
        var again = await QueryAsync(query);
        Assert.Equal(3, again.Events.Count);
        await AppendIfAsync(query, again.Point, Tagged("seen", "a"));
    }

    [Fact]
    public async Task An_open_append_that_does_not_concern_it_refuses_no_decision()
    {
        var end = await OpenAppendAsync(new AppendRequest(new StreamAppend("open-1", ExpectedVersion.NoStream, [Tagged("noise", "z")])));
        var query = Query(" | a", "seen | b!");
        for (var i = 0; i < 5; i++)
        {
            await StoreAsync(Tagged("seen", "a"), Tagged("seen", "b"), Tagged("seen", "a b"));
            var read = await QueryAsync(query);
            await AppendIfAsync(query, read.Point, Tagged("seen", "a")).WaitAsync(Patience, Cancellation);
        }

        await end(false);
        Assert.Equal(20, (await ReadLogAsync()).Count);
    }

    [Fact]
    public async Task Of_many_that_overlap_exactly_one_wins_each_round()
    {
        for (var round = 0; round < Rounds; round++)
        {
            // Every racer's event concerns every other's query, whatever its shape.
            var shapes = Shapes(round);
            var isPacked = round % 2 == 0;
            var haveRead = new Meeting(Racers);
            var won = await Task.WhenAll(Enumerable.Range(0, Racers).Select(racer => RaceAsync(racer, async store =>
            {
                var random = new Random((round * Racers) + racer);
                var query = shapes[racer % shapes.Length];
                if (!isPacked)
                {
                    await StaggerAsync(random);
                }

                var read = await store.QueryAsync(query, Cancellation);
                if (isPacked)
                {
                    // All have seen nothing: now they append, a little apart.
                    await haveRead.ArriveAsync();
                }

                await StaggerAsync(random);
                return !read.Events.Any(recorded => recorded.Type == $"taken{round}") && await WinsAsync(store, query, read.Point, Candidate(round));
            }))).WaitAsync(Patience, Cancellation);

            Assert.Single(won, isWinner => isWinner);
        }

        Assert.Equal(Rounds, (await ReadLogAsync()).Count(recorded => recorded.Type.StartsWith("taken", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Winners_have_seen_every_event_before_their_own_whoever_else_appends()
    {
        using var over = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        var others = Enumerable.Range(0, 4).Select(writer => Task.Run(() => AppendOtherwiseAsync(writer, over.Token), Cancellation)).ToArray();
        var wins = await Task.WhenAll(Enumerable.Range(0, Racers).Select(racer => RaceAsync(racer, async store =>
        {
            var random = new Random(racer);
            var (query, mine) = (racer % 4) switch
            {
                0 => (Query(" | a b"), Tagged("seen", "b a c", "?")),
                1 => (Query(" | a"), Tagged("seen", "a", "?")),
                2 => (Query("seen moved"), Tagged("seen", "a b", "?")),
                _ => (Query("moved | b; seen | a"), Tagged("seen", "a b", "?")),
            };
            var found = new List<(EventQuery Query, LogPosition At, int Known)>();
            for (var attempt = 0; attempt < Rounds / 5; attempt++)
            {
                var read = await store.QueryAsync(query, Cancellation);
                await StaggerAsync(random);
                if (await PositionAsync(store, query, read.Point, new EventData(Guid.CreateVersion7(), mine.Type, mine.Data, tags: [.. mine.Tags])) is { } position)
                {
                    found.Add((query, position, read.Events.Count));
                }
            }

            return found;
        }))).WaitAsync(Patience, Cancellation);
        await over.CancelAsync();
        await Task.WhenAll(others).WaitAsync(Patience, Cancellation);

        // By the log alone, not by what the store thinks of a point: as many events as it knew stand before its own.
        var log = await ReadLogAsync();
        var all = wins.SelectMany(won => won).ToList();
        Assert.NotEmpty(all);
        foreach (var (query, at, known) in all)
        {
            Assert.Equal(known, log.Count(recorded => recorded.Position < at && query.Matches(recorded.Type, recorded.Tags)));
        }
    }

    [Fact]
    public async Task All_that_are_disjoint_win_at_once()
    {
        for (var round = 0; round < Rounds / 4; round++)
        {
            var tag = round.ToString(CultureInfo.InvariantCulture);
            var won = await Task.WhenAll(Enumerable.Range(0, Racers).Select(racer => RaceAsync(racer, async store =>
            {
                // One tag in common, but never the whole of a query.
                var query = Query($" | all{tag} own{tag}:{racer}", $"taken{racer} | all{tag}");
                var read = await store.QueryAsync(query, Cancellation);
                await StaggerAsync(new Random(racer));
                return await WinsAsync(store, query, read.Point, Tagged($"taken{racer}", $"all{tag} own{tag}:{racer}"));
            }))).WaitAsync(Patience, Cancellation);

            Assert.All(won, Assert.True);
        }
    }

    [Fact]
    public async Task Rivals_that_read_again_all_come_through_and_number_without_a_gap()
    {
        const int Each = 3;
        var query = Query(" | number!");
        await Task.WhenAll(Enumerable.Range(0, Racers).Select(racer => RaceAsync(racer, async store =>
        {
            var random = new Random(racer);
            for (var done = 0; done < Each;)
            {
                var read = await store.QueryAsync(query, Cancellation);
                var last = read.Events is [var latest] ? Number(latest) : 0;
                await StaggerAsync(random);
                done += await WinsAsync(store, query, read.Point, Tagged("numbered", "number", (last + 1).ToString(CultureInfo.InvariantCulture))) ? 1 : 0;
            }

            return true;
        }))).WaitAsync(Patience, Cancellation);

        Assert.Equal(Enumerable.Range(1, Racers * Each), (await ReadLogAsync()).Select(Number));
    }

    [Fact]
    public async Task Rivals_that_never_pause_number_without_a_gap()
    {
        // As many as a quick store manages in this time: what is wrong for a moment only shows so.
        var query = Query(" | number!");
        var watch = Stopwatch.StartNew();
        var won = await Task.WhenAll(Enumerable.Range(0, 4).Select(racer => RaceAsync(racer, async store =>
        {
            var wins = 0;
            while (watch.ElapsedMilliseconds < 400)
            {
                var read = await store.QueryAsync(query, Cancellation);
                var last = read.Events is [var latest] ? Number(latest) : 0;
                wins += await WinsAsync(store, query, read.Point, Tagged("numbered", "number", (last + 1).ToString(CultureInfo.InvariantCulture))) ? 1 : 0;
            }

            return wins;
        }))).WaitAsync(Patience, Cancellation);

        Assert.Equal(Enumerable.Range(1, won.Sum()), (await ReadLogAsync()).Select(Number));
    }

    [Fact]
    public async Task Two_that_write_where_the_other_reads_neither_both_win_nor_wait_for_ever()
    {
        for (var round = 0; round < Rounds; round++)
        {
            var (left, right) = ($"left{round}", $"right{round}");
            var haveRead = new Meeting(2);
            var won = await Task.WhenAll(new[] { (Reads: left, Writes: right), (Reads: right, Writes: left) }.Select((side, number) => RaceAsync(number, async store =>
            {
                var query = Query($" | {side.Reads}");
                var read = await store.QueryAsync(query, Cancellation);
                await haveRead.ArriveAsync();
                return await WinsAsync(store, query, read.Point, Tagged("written", side.Writes));
            }))).WaitAsync(Patience, Cancellation);

            // Each would have changed what the other decided by.
            Assert.Single(won, isWinner => isWinner);
        }
    }

    private Task<T> RaceAsync<T>(int racer, Func<IEventStore, Task<T>> run) => Task.Run(() => run(racer / 2 % 2 == 0 ? Store : rival.Value), Cancellation);

    private static EventQuery[] Shapes(int round) =>
    [
        Query($" | a{round}"), Query($" | b{round}"), Query($"taken{round}"), Query($" | b{round} a{round}"), Query($"taken{round} other | a{round}"),
        Query($" | never{round}", $"taken{round} | b{round}"), EventQuery.All, Query($"taken{round}!"),
    ];

    private static EventData Candidate(int round) => Tagged($"taken{round}", $"a{round} b{round} c{round}");

    private static int Number(RecordedEvent recorded) => int.Parse(Encoding.UTF8.GetString(recorded.Data.Span).Trim('"'), CultureInfo.InvariantCulture);

    private static async Task StaggerAsync(Random random)
    {
        switch (random.Next(4))
        {
            case 0:
                await Task.Yield();
                break;
            case 1:
                await Task.Delay(random.Next(1, 4), Cancellation);
                break;
            case 2:
                Thread.SpinWait(random.Next(5_000));
                break;
            default:
                break;
        }
    }

    private async Task AppendOtherwiseAsync(int writer, CancellationToken over)
    {
        var random = new Random(1_000 + writer);
        for (var i = 0; !over.IsCancellationRequested; i++)
        {
            var request = new AppendRequest(
                new StreamAppend(StreamName.For("other", $"{writer}-{i}"), ExpectedVersion.NoStream, [Tagged("noise"), Tagged("moved", i % 2 == 0 ? "a b" : "b a d")]),
                new StreamAppend(StreamName.For("also", writer), ExpectedVersion.Any, [Tagged("noise", "a"), Tagged("seen", "b")]));
            if (random.Next(3) == 0)
            {
                var end = await OpenAppendAsync(request);
                await Task.Delay(random.Next(2, 15), CancellationToken.None);
                await end(random.Next(4) > 0);
            }
            else
            {
                await Store.AppendAsync(request, Cancellation);
            }

            // So that the racers get a turn.
            await Task.Delay(random.Next(5, 25), CancellationToken.None);
        }
    }

    private async Task<bool> WinsAsync(IEventStore store, EventQuery query, DecisionPoint seen, EventData data) => await PositionAsync(store, query, seen, data) is not null;

    private async Task<LogPosition?> PositionAsync(IEventStore store, EventQuery query, DecisionPoint seen, EventData data)
    {
        try
        {
            var part = new StreamAppend(StreamName.For("decided", Guid.NewGuid()), ExpectedVersion.NoStream, [data]);
            return (await store.AppendAsync(new AppendRequest(part) { Condition = new AppendCondition(query, seen) }, Cancellation)).Position;
        }
        catch (ConcurrencyConflictException conflict)
        {
            Assert.Empty(conflict.Conflicts);
            return null;
        }
    }

    /// <summary>Where all have to arrive before one goes on; it blocks no thread, of which there are few.</summary>
    private sealed class Meeting(int expected)
    {
        private readonly TaskCompletionSource complete = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private int missing = expected;

        public Task ArriveAsync()
        {
            if (Interlocked.Decrement(ref missing) == 0)
            {
                complete.SetResult();
            }

            return complete.Task;
        }
    }
}
