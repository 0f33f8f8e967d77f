using Xunit;
using static EventSourcing.Conformance.Foreign;

namespace EventSourcing.Conformance;

/// <summary>Storing a log as it was elsewhere, for stores that are an <see cref="ILogRestore"/>.</summary>
public abstract class RestoreSuite : StoreSuite
{
    private ILogRestore Restore => (ILogRestore)Store;

    /// <summary>Positions, versions, ids, times, tags and bytes stay, and appends go on behind the end.</summary>
    [Fact]
    public async Task A_restored_log_is_as_it_was()
    {
        RecordedEvent[] events =
        [
            Event(3, "order-1", 1, data: "{ \"a\" : 1,\n\t\"a\": 1e400 }", metadata: "{\"x\":\"\\u0000\"}", tags: ["order:1", "customer:ü"]),
            Event(4, "order-2", 1, data: "\"\u2028 \\u2028 \\u0000 🎉\""),
            Event(7, "order-1", 2, data: "12345678901234567890.000"),
            Event(8, "ü", 1, data: "null", tags: ["order:1"]),
            Event(1_000_000_000_000, "order-1", 3),
        ];
        var told = new List<RestoreProgress>();

        var result = await Restore.RestoreAsync(new ListSource(events) { End = 1_000_000_000_009 }, new Told<RestoreProgress>(told.Add), Cancellation);

        Assert.Equal(new RestoreProgress(5, new LogPosition(1_000_000_000_000), new LogPosition(1_000_000_000_009)), result);
        Assert.Equal(result, told[^1]);
        Assert.Equal(events.Select(Described), (await ReadLogAsync()).Select(Described));
        Assert.Equal(events.Where(one => one.Stream == "order-1").Select(Described), (await ReadAsync("order-1")).Select(Described));
        Assert.Equal([7L, 8, 1_000_000_000_000], (await ReadLogAsync(new LogReadOptions { After = new LogPosition(4) })).Select(one => one.Position.Value));
        var found = await Store.QueryAsync(new EventQuery(new EventQueryItem { Tags = ["order:1"] }), Cancellation);
        Assert.Equal([3L, 8], found.Events.Select(one => one.Position.Value));

        var appended = await AppendAsync("order-1", ExpectedVersion.At(3), NewEvent());
        Assert.Equal(4, appended.Streams[0].Version.Value);
        Assert.True(appended.Position.Value > 1_000_000_000_009);
        Assert.Equal(appended.Position, (await ReadLogAsync())[^1].Position);
        await ConflictsAsync(() => AppendAsync("order-2", ExpectedVersion.NoStream, NewEvent()), ("order-2", ExpectedVersion.NoStream, 1));
        var again = new EventData(events[2].Id, "happened", "{}"u8.ToArray());
        Assert.True((await AppendAsync("order-1", ExpectedVersion.At(1), again)).AlreadyStored);
    }

    /// <summary>An empty source makes an empty log, which takes appends from position 1.</summary>
    [Fact]
    public async Task An_empty_log_is_restored_too()
    {
        var result = await Restore.RestoreAsync(new ListSource([]), cancellationToken: Cancellation);

        Assert.Equal(new RestoreProgress(0, LogPosition.Start, LogPosition.Start), result);
        Assert.Equal(1, (await AppendAsync("order-1", ExpectedVersion.NoStream, NewEvent())).Position.Value);
    }

    /// <summary>What is there is never mixed with what comes.</summary>
    [Fact]
    public async Task A_log_that_holds_events_is_not_restored_into()
    {
        await AppendAsync("order-1", ExpectedVersion.NoStream, NewEvent());

        await RefusesAsync<InvalidOperationException>(() => Restore.RestoreAsync(new ListSource([Event(5, "order-2", 1)]), cancellationToken: Cancellation));

        Assert.Equal(2, (await AppendAsync("order-1", ExpectedVersion.At(1), NewEvent())).Streams[0].Version.Value);
    }

    /// <summary>Once it has ended, it is over.</summary>
    [Fact]
    public async Task A_restore_that_has_ended_is_not_run_again()
    {
        var source = new ListSource(Events(10));
        await Restore.RestoreAsync(source, cancellationToken: Cancellation);

        await RefusesAsync<InvalidOperationException>(() => Restore.RestoreAsync(source, cancellationToken: Cancellation));

        await AppendAsync("later-1", ExpectedVersion.NoStream, NewEvent());
        await RefusesAsync<InvalidOperationException>(() => Restore.RestoreAsync(source, cancellationToken: Cancellation));
        Assert.Equal(11, (await ReadLogAsync()).Count);
    }

    /// <summary>A restore that was cancelled, or whose source broke, goes on behind what it has stored.</summary>
    [Fact]
    public async Task An_interrupted_restore_goes_on()
    {
        var events = Events(30_000);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        var first = new RestoreProgress(0, LogPosition.Start, LogPosition.Start);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Restore.RestoreAsync(
            new ListSource(events) { Before = one => one.Position.Value > 30_000 ? stop.CancelAsync() : Task.CompletedTask }, new Told<RestoreProgress>(told => first = told), stop.Token));
        var broken = new ListSource(events) { Before = one => one.Position.Value > 50_000 ? throw new IOException("torn") : Task.CompletedTask };
        var second = new RestoreProgress(0, first.Position, LogPosition.Start);
        await Assert.ThrowsAsync<IOException>(() => Restore.RestoreAsync(broken, new Told<RestoreProgress>(told => second = told), Cancellation));

        var third = await Restore.RestoreAsync(new ListSource(events), cancellationToken: Cancellation);

        Assert.True(third.Stored > 0);
        Assert.Equal(30_000, first.Stored + second.Stored + third.Stored);
        Assert.Equal(events.Select(Described), (await ReadLogAsync()).Select(Described));
    }

    /// <summary>A half log is gone on with by what it came from, and by nothing else.</summary>
    [Fact]
    public async Task Another_source_does_not_go_on()
    {
        var events = Events(100);
        var torn = new ListSource(events) { Before = one => one.Position.Value > 100 ? throw new IOException("torn") : Task.CompletedTask };
        await Assert.ThrowsAsync<IOException>(() => Restore.RestoreAsync(torn, cancellationToken: Cancellation));

        await RefusesAsync<InvalidOperationException>(() => Restore.RestoreAsync(new ListSource(events, "another"), cancellationToken: Cancellation));

        await Restore.RestoreAsync(new ListSource(events), cancellationToken: Cancellation);
        Assert.Equal(100, (await ReadLogAsync()).Count);
    }

    /// <summary>From the begin of a restore to its end nobody appends, also while it is interrupted.</summary>
    [Fact]
    public async Task Nobody_appends_until_it_has_ended()
    {
        var events = Events(20);
        var torn = new ListSource(events) { Before = one => one.Position.Value > 20 ? throw new IOException("torn") : RefusedAsync() };
        await Assert.ThrowsAsync<IOException>(() => Restore.RestoreAsync(torn, cancellationToken: Cancellation));
        await RefusedAsync();

        await Restore.RestoreAsync(new ListSource(events), cancellationToken: Cancellation);

        await AppendAsync("rival-1", ExpectedVersion.NoStream, NewEvent());
        Assert.Equal(21, (await ReadLogAsync()).Count);

        async Task RefusedAsync()
        {
            await Assert.ThrowsAsync<EventStoreUnavailableException>(() => AppendAsync("rival-1", ExpectedVersion.Any, NewEvent()));
            await Assert.ThrowsAsync<EventStoreUnavailableException>(() => AppendAsync(
                new StreamAppend("rival-2", ExpectedVersion.NoStream, NewEvents(2)), new StreamAppend("rival-3", ExpectedVersion.NoStream, NewEvents(2))));
            var together = Enumerable.Range(0, 40).Select(i => AppendAsync($"rival-{i}", ExpectedVersion.NoStream, NewEvent()));
            await Assert.ThrowsAsync<EventStoreUnavailableException>(() => Task.WhenAll(together));
        }
    }

    /// <summary>Whoever appends while a restore begins is stored, and it is refused, or the other way round.</summary>
    [Fact]
    public async Task An_append_and_the_begin_of_a_restore_exclude_each_other()
    {
        var appends = Task.WhenAll(Enumerable.Range(0, 8).Select(async i =>
        {
            try
            {
                await AppendAsync($"rival-{i}", ExpectedVersion.NoStream, NewEvent());
                return 1;
            }
            catch (EventStoreUnavailableException)
            {
                return 0;
            }
        }));
        var restored = 0;
        try
        {
            await Restore.RestoreAsync(new ListSource(Events(10)), cancellationToken: Cancellation);
            restored = 10;
        }
        catch (InvalidOperationException)
        {
        }

        var appended = (await appends).Sum();
        var log = await ReadLogAsync();
        Assert.Equal(restored + appended, log.Count);
        Assert.True(restored == 0 || log.Take(10).All(one => one.Stream.Category == "order"), "an append is before a restored event");
    }

    /// <summary>A subscriber that follows meanwhile sees every event once, in order.</summary>
    [Fact]
    public async Task A_subscriber_follows_a_restore()
    {
        var events = Events(25_000);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        var seen = new List<Guid>();
        var following = Task.Run(async () =>
        {
            await foreach (var message in Store.SubscribeAsync(cancellationToken: stop.Token))
            {
                if (message is EventReceived received)
                {
                    seen.Add(received.Event.Id);
                    if (seen.Count == events.Length + 1)
                    {
                        return;
                    }
                }
            }
        });

        await Restore.RestoreAsync(new ListSource(events), cancellationToken: Cancellation);
        var last = NewEvent();
        await AppendAsync("later-1", ExpectedVersion.NoStream, last);

        await following.WaitAsync(Patience, Cancellation);
        Assert.Equal([.. events.Select(one => one.Id), last.Id], seen);
    }

    /// <summary>Streams that were truncated or deleted where they come from begin with a higher version, where the source says so.</summary>
    [Fact]
    public async Task Streams_begin_where_the_source_says()
    {
        RecordedEvent[] events = [Event(10, "order-1", 5), Event(11, "order-2", 1), Event(12, "order-1", 6), Event(13, "order-3", 9)];
        StreamInfo[] streams =
        [
            new("order-1", new StreamVersion(6), new StreamVersion(5), StreamState.Open),
            new("order-3", new StreamVersion(9), new StreamVersion(9), StreamState.Deleted),
        ];

        await Assert.ThrowsAsync<ArgumentException>(() => Restore.RestoreAsync(new ListSource(events), cancellationToken: Cancellation));
        Assert.Equal(0, await HeadAsync());
        await Restore.RestoreAsync(new ListSource(events) { Streams = streams }, cancellationToken: Cancellation);

        Assert.Equal(events.Select(Described), (await ReadLogAsync()).Select(Described));
        Assert.Equal([5L, 6], (await ReadAsync("order-1")).Select(one => one.Version.Value));
        Assert.Equal([6L], (await ReadAsync("order-1", new StreamReadOptions { From = new StreamVersion(6) })).Select(one => one.Version.Value));
        Assert.Equal([6L, 5], (await ReadAsync("order-1", new StreamReadOptions { Direction = ReadDirection.Backwards })).Select(one => one.Version.Value));
        Assert.Equal(7, (await AppendAsync("order-1", ExpectedVersion.At(6), NewEvent())).Streams[0].Version.Value);
    }

    /// <summary>What does not fit is named, and nothing of its batch is stored; the mended source goes on.</summary>
    /// <param name="fault">What is wrong.</param>
    [Theory]
    [InlineData("position repeated")]
    [InlineData("position falls")]
    [InlineData("position beyond the end")]
    [InlineData("version missing")]
    [InlineData("version repeated")]
    [InlineData("begins higher")]
    [InlineData("no stream")]
    [InlineData("no version")]
    [InlineData("no id")]
    [InlineData("no time")]
    [InlineData("no type")]
    [InlineData("type too long")]
    [InlineData("data is not JSON")]
    [InlineData("data is not UTF-8")]
    [InlineData("no data")]
    [InlineData("metadata is no object")]
    [InlineData("too large")]
    [InlineData("tag twice")]
    [InlineData("tag is none")]
    [InlineData("null")]
    public async Task What_does_not_fit_is_refused(string fault)
    {
        RecordedEvent[] good = [Event(3, "order-1", 1), Event(4, "order-1", 2), Event(6, "order-2", 1)];
        RecordedEvent? bad = fault switch
        {
            "position repeated" => Event(4, "order-2", 1),
            "position falls" => Event(2, "order-2", 1),
            "position beyond the end" => Event(7, "order-2", 1),
            "version missing" => Event(6, "order-1", 4),
            "version repeated" => Event(6, "order-1", 2),
            "begins higher" => Event(6, "order-2", 2),
            "no stream" => Event(6, default, 1),
            "no version" => Event(6, "order-2", 0),
            "no id" => Event(6, "order-2", 1, id: Guid.Empty),
            "no time" => Event(6, "order-2", 1, time: default(DateTimeOffset)),
            "no type" => Event(6, "order-2", 1, type: ""),
            "type too long" => Event(6, "order-2", 1, type: new string('x', 201)),
            "data is not JSON" => Event(6, "order-2", 1, data: "{} {}"),
            "data is not UTF-8" => Event(6, "order-2", 1, bytes: [(byte)'"', 0xFF, (byte)'"']),
            "no data" => Event(6, "order-2", 1, data: ""),
            "metadata is no object" => Event(6, "order-2", 1, metadata: "[]"),
            "too large" => Event(6, "order-2", 1, data: $"\"{new string('x', MaxEventBytes)}\""),
            "tag twice" => Event(6, "order-2", 1, tags: ["order:1", "order:1"]),
            "tag is none" => Event(6, "order-2", 1, tags: [default]),
            _ => null,
        };

        var refusal = await RefusesAsync<ArgumentException>(
            () => Restore.RestoreAsync(new ListSource([good[0], good[1], bad!]) { End = 6 }, cancellationToken: Cancellation));

        Assert.Contains(bad is null ? "position 4" : $"position {bad.Position}", refusal.Message, StringComparison.Ordinal);
        await Restore.RestoreAsync(new ListSource(good), cancellationToken: Cancellation);
        Assert.Equal(good.Select(Described), (await ReadLogAsync()).Select(Described));
    }

    /// <summary>A source that has no name, or that leaves no room behind it, is refused before anything begins.</summary>
    [Fact]
    public async Task A_source_has_a_name_and_an_end()
    {
        await RefusesAsync<ArgumentException>(() => Restore.RestoreAsync(null!, cancellationToken: Cancellation));
        await RefusesAsync<ArgumentException>(() => Restore.RestoreAsync(new ListSource([], " "), cancellationToken: Cancellation));
        await RefusesAsync<ArgumentException>(() => Restore.RestoreAsync(new ListSource([]) { End = long.MaxValue }, cancellationToken: Cancellation));

        await AppendAsync("order-1", ExpectedVersion.NoStream, NewEvent());
    }
}
