using System.Collections.Concurrent;
using Xunit;

namespace EventSourcing.Conformance;

/// <summary>Streams are maintained while others append to them, read them and follow the log, in another process, too.</summary>
public abstract class StreamLifeRaceSuite : ConsumerSuite
{
    private static readonly MaintenanceNote Why = new("ada", "a race");
    private static readonly EventSerializer Money = new(new EventTypeRegistry().Add<Deposited>().Add<BroughtForward>());

    private StreamLife? life;

    /// <summary>What maintains the streams of this test's store.</summary>
    protected abstract StreamLife LifeOf(IEventStore store, EventTypeRegistry types);

    private IStreamMaintenance Maintenance => Life.Maintenance;

    private StreamLife Life => life ??= LifeOf(Store, Money.Types);

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Who_stands_at_a_removed_event_goes_on_from_there(bool isDeleted)
    {
        var reader = Life.Rival;
        await WriteAsync(Store, "account-1", new Deposited(1));
        var last = await WriteAsync(Store, "account-1", new Deposited(2));

        // Twice: where it stands is known for sure from the second time on.
        await reader.GetHeadAsync(Cancellation);
        Assert.Equal(last, (await reader.GetHeadAsync(Cancellation)).Final);
        await Store.GetHeadAsync(Cancellation);
        if (isDeleted)
        {
            await Maintenance.DeleteAsync("account-1", Why, cancellationToken: Cancellation);
        }
        else
        {
            await WriteAsync(Store, "account-1", new BroughtForward(3));
            await Maintenance.TruncateAsync("account-1", new StreamVersion(3), StreamStandIn.Summary, Why, cancellationToken: Cancellation);
        }

        foreach (var store in new[] { reader, Store })
        {
            var page = await store.ReadLogAsync(new LogReadOptions { After = last }, Cancellation);
            Assert.Equal([last.Value + 1], page.Events.Select(recorded => recorded.Position.Value));
            Assert.Equal(last.Value + 1, (await store.GetHeadAsync(Cancellation)).Final.Value);
            Assert.Equal([last.Value + 1], (await store.ReadAllAsync(cancellationToken: Cancellation).ToListAsync(Cancellation)).Select(recorded => recorded.Position.Value));
        }
    }

    [Fact]
    public async Task Subscribers_and_projections_see_every_event_once_while_what_they_have_read_is_removed()
    {
        const int Rounds = 40;
        var seen = new ConcurrentQueue<Guid>();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        await Checkpoints.SaveAsync("watch", Checkpoint.Start, Cancellation);
        var subscribing = Task.Run(
            async () =>
            {
                await foreach (var message in Life.Rival.SubscribeAsync(new SubscriptionOptions { PageSize = 3 }, stop.Token))
                {
                    if (message is EventReceived received)
                    {
                        seen.Enqueue(received.Event.Id);
                    }

                    await Checkpoints.SaveAsync("watch", message.Checkpoint, Cancellation);
                }
            },
            Cancellation);
        var runner = new ProjectionRunner(Store, Money, [Views.Bind(new Accounts())], Quick, Consumers, Letters);
        var running = runner.RunAsync(stop.Token);
        var written = new List<Guid>();
        var last = LogPosition.Start;
        for (var i = 0; i < Rounds; i++)
        {
            EventData[] events = [Money.Serialize(new Deposited(i)), Money.Serialize(new BroughtForward(i))];
            var stored = await Store.AppendAsync("account-1", ExpectedVersion.Any, events, Cancellation);
            written.AddRange(events.Select(data => data.Id));
            last = stored.Position;
            await WhenReadAsync(() => Maintenance.TruncateAsync("account-1", stored.Streams[0].Version, StreamStandIn.Summary, Why, cancellationToken: Cancellation));
            if (i % 10 == 5)
            {
                var own = Money.Serialize(new Deposited(i));
                await Store.AppendAsync($"account-{i}", ExpectedVersion.NoStream, [own], Cancellation);
                written.Add(own.Id);
                await WhenReadAsync(() => Maintenance.DeleteAsync($"account-{i}", Why, cancellationToken: Cancellation));
                var tombstone = Assert.Single(await ReadAsync($"account-{i}"));
                (last, written) = (tombstone.Position, [.. written, tombstone.Id]);
            }
        }

        await runner.WaitForAsync("accounts", last, Cancellation).WaitAsync(Patience, Cancellation);
        await UntilAsync(() => Task.FromResult(seen.Count >= written.Count || subscribing.IsCompleted));
        Assert.Equal(written, seen);
        Assert.Equal(new AccountView(Rounds - 1), await Views.Open(new Accounts()).FindAsync("account-1", Cancellation));
        Assert.Single(await Views.Open(new Accounts()).ReadAllAsync(Cancellation).ToListAsync(Cancellation));
        await stop.CancelAsync();
        await running.WaitAsync(Patience, Cancellation);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => subscribing.WaitAsync(Patience, Cancellation));
    }

    [Fact]
    public async Task Whoever_pages_through_the_log_meets_each_event_once_while_streams_are_archived_and_restored()
    {
        string[] streams = [.. Enumerable.Range(0, 12).Select(i => $"account-{i}")];
        for (var i = 0; i < 120; i++)
        {
            await WriteAsync(Store, streams[i % streams.Length], new Deposited(i));
        }

        var all = (await ReadLogAsync()).ConvertAll(recorded => recorded.Id);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        var moving = Task.WhenAll(Enumerable.Range(0, 3).Select(part => Task.Run(
            async () =>
            {
                for (var i = part; !stop.IsCancellationRequested; i += 3)
                {
                    await Maintenance.ArchiveAsync(streams[i % streams.Length], Why, Cancellation);
                    await Task.Yield();
                    await Maintenance.RestoreAsync(streams[i % streams.Length], Why, Cancellation);
                }
            },
            Cancellation)));
        var filtered = new EventFilter { EventTypes = ["deposited"] };
        for (var i = 0; i < 30; i++)
        {
            var options = new LogReadOptions { PageSize = 1 + (i % 7), Filter = i % 2 == 0 ? EventFilter.All : filtered };
            Assert.Equal(all, (await Life.Rival.ReadAllAsync(options, Cancellation).ToListAsync(Cancellation)).ConvertAll(recorded => recorded.Id));
            Assert.Equal(all, (await Life.Rival.QueryAsync(EventQuery.All, Cancellation)).Events.Select(recorded => recorded.Id));
            Assert.Equal(10, (await ReadAsync(streams[i % streams.Length])).Count);
        }

        await stop.CancelAsync();
        await moving.WaitAsync(Patience, Cancellation);
    }

    [Fact]
    public async Task An_append_beside_an_archiving_is_stored_or_refused_and_nothing_is_lost()
    {
        string[] streams = ["account-0", "account-1", "account-2"];
        foreach (var stream in streams)
        {
            await WriteAsync(Store, stream, new Deposited(0));
        }

        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        var stored = new ConcurrentBag<Guid>();
        var refused = 0;
        var moving = Task.Run(
            async () =>
            {
                for (var i = 0; i < 40; i++)
                {
                    await Maintenance.ArchiveAsync(streams[i % 3], Why, Cancellation);
                    await Task.Delay(2, Cancellation);
                    await Maintenance.RestoreAsync(streams[i % 3], Why, Cancellation);
                }

                await stop.CancelAsync();
            },
            Cancellation);
        await Task.WhenAll(Enumerable.Range(0, 6).Select(writer => Task.Run(
            async () =>
            {
                var store = writer % 2 == 0 ? Store : Life.Rival;
                for (var i = 0; !stop.IsCancellationRequested; i++)
                {
                    var data = Money.Serialize(new Deposited(i));
                    try
                    {
                        await store.AppendAsync(streams[i % 3], i % 4 == 0 ? ExpectedVersion.StreamExists : ExpectedVersion.Any, i % 5 == 0 ? [data, NewEvent()] : [data], Cancellation);
                        stored.Add(data.Id);
                    }
                    catch (StreamClosedException)
                    {
                        Interlocked.Increment(ref refused);
                        await Task.Delay(1, Cancellation);
                    }
                }
            },
            Cancellation)));
        await moving.WaitAsync(Patience, Cancellation);

        var log = await ReadLogAsync();
        Assert.True(refused > 0, "No append met an archived stream: nothing was raced.");
        Assert.Equal(stored.Order(), log.Where(recorded => recorded.Type == "deposited").Skip(3).Select(recorded => recorded.Id).Order());
        foreach (var stream in streams)
        {
            var events = await ReadAsync(stream);
            Assert.Equal(Enumerable.Range(1, events.Count), events.Select(recorded => (int)recorded.Version.Value));
            Assert.Equal(log.Where(recorded => recorded.Stream == stream).Select(recorded => recorded.Id), events.Select(recorded => recorded.Id));
        }
    }

    [Fact]
    public async Task Nothing_is_stored_after_a_deletion_whoever_races_with_it()
    {
        for (var round = 0; round < 8; round++)
        {
            StreamName stream = $"account-{round}";
            await WriteAsync(Store, stream.Value, new Deposited(0));
            var versions = new ConcurrentBag<long>();
            var writers = Enumerable.Range(0, 6).Select(writer => Task.Run(
                async () =>
                {
                    var store = writer % 2 == 0 ? Store : Life.Rival;
                    while (true)
                    {
                        try
                        {
                            versions.Add((await store.AppendAsync(stream, ExpectedVersion.Any, [NewEvent()], Cancellation)).Streams[0].Version.Value);
                        }
                        catch (StreamClosedException)
                        {
                            return;
                        }
                    }
                },
                Cancellation)).ToArray();
            await Task.Delay(10, Cancellation);
            var deletions = await Task.WhenAll(Enumerable.Range(0, 2).Select(_ => Task.Run(() => Maintenance.DeleteAsync(stream, Why, cancellationToken: Cancellation), Cancellation)));
            await Task.WhenAll(writers).WaitAsync(Patience, Cancellation);

            Assert.Equal(deletions[0], deletions[1]);
            var last = Assert.Single(await ReadAsync(stream));
            Assert.Equal((StreamDeleted.StoredName, deletions[0].Version), (last.Type, last.Version));
            Assert.Equal(Enumerable.Range(2, versions.Count).Select(version => (long)version), versions.Order());
            Assert.Equal(versions.Count + 2, last.Version.Value);
        }
    }

    [Fact]
    public async Task Operations_that_race_leave_a_stream_as_one_after_the_other_would()
    {
        for (var round = 0; round < 10; round++)
        {
            StreamName stream = $"account-{round}";
            await WriteAsync(Store, stream.Value, new Deposited(1), new Deposited(2), new BroughtForward(3), new BroughtForward(3));
            var isDeleted = round % 2 == 0;
            Func<Task>[] all =
            [
                () => Maintenance.ArchiveAsync(stream, Why, Cancellation),
                () => Maintenance.RestoreAsync(stream, Why, Cancellation),
                () => Maintenance.TruncateAsync(stream, new StreamVersion(3), StreamStandIn.Summary, Why, cancellationToken: Cancellation),
                () => Maintenance.TruncateAsync(stream, new StreamVersion(4), StreamStandIn.Summary, Why, cancellationToken: Cancellation),
                () => isDeleted ? Maintenance.DeleteAsync(stream, Why, cancellationToken: Cancellation) : Maintenance.ArchiveAsync(stream, Why, Cancellation),
            ];
            await Task.WhenAll(all.Select(operation => Task.Run(
                async () =>
                {
                    try
                    {
                        await operation();
                    }
                    catch (StreamClosedException) when (isDeleted)
                    {
                        // After the deletion.
                    }
                },
                Cancellation)));

            var found = (await Store.FindStreamAsync(stream, Cancellation))!;
            var events = await ReadAsync(stream);
            Assert.Equal((isDeleted ? 5L : 4L, isDeleted), (found.Version.Value, found.State == StreamState.Deleted));
            Assert.Equal(found.FirstVersion, Assert.Single(events).Version);
            Assert.Equal(events.ConvertAll(recorded => recorded.Id), (await ReadLogAsync()).Where(recorded => recorded.Stream == stream).Select(recorded => recorded.Id));
            var operations = await Maintenance.ReadOperationsAsync(stream, Cancellation).ToListAsync(Cancellation);
            Assert.Equal(found.Version.Value - 1, operations.Where(one => one.Kind is StreamOperationKind.Truncate or StreamOperationKind.Delete).Sum(one => one.Events));
        }
    }

    private static async Task<LogPosition> WriteAsync(IEventStore store, string stream, params object[] events) =>
        (await store.AppendAsync(stream, ExpectedVersion.Any, [.. events.Select(one => Money.Serialize(one))], Cancellation)).Position;

    private static async Task WhenReadAsync(Func<Task> operation)
    {
        while (true)
        {
            try
            {
                await operation();
                return;
            }
            catch (UnreadEventsException)
            {
                await Task.Delay(2, Cancellation);
            }
        }
    }
}
