using Xunit;

namespace EventSourcing.Conformance;

/// <summary>Streams are archived, restored, truncated and deleted: what becomes of appends, retries, states and readers.</summary>
public abstract class StreamLifeSuite : ConsumerSuite
{
    private static readonly MaintenanceNote Why = new("ada", "closed years ago");
    private static readonly EventSerializer Money = new(new EventTypeRegistry().Add<Deposited>().Add<BroughtForward>());

    private StreamLife? life;

    /// <summary>What maintains the streams of this test's store.</summary>
    protected abstract StreamLife LifeOf(IEventStore store, EventTypeRegistry types);

    /// <summary>Has the test's store apply a projection, where binding alone does not.</summary>
    protected virtual void Register(IInlineProjection projection)
    {
    }

    private IStreamMaintenance Maintenance => Life.Maintenance;

    private StreamLife Life => life ??= LifeOf(Store, Money.Types);

    /// <summary>Every way to name a stream in an append.</summary>
    public static TheoryData<string> Expectations => ["at", "any", "exists", "none", "stale"];

    [Theory]
    [MemberData(nameof(Expectations))]
    public async Task A_closed_stream_takes_no_append_and_is_not_written_beside_others(string expectation)
    {
        await DepositAsync("account-1", 1, 2);
        await DepositAsync("account-2", 1, 2);
        await Maintenance.ArchiveAsync("account-1", Why, Cancellation);
        await Maintenance.DeleteAsync("account-2", Why, cancellationToken: Cancellation);
        foreach (var (stream, state, version) in new[] { ("account-1", StreamState.Archived, 2), ("account-2", StreamState.Deleted, 3) })
        {
            var expected = expectation switch
            {
                "at" => ExpectedVersion.At(new StreamVersion(version)),
                "any" => ExpectedVersion.Any,
                "exists" => ExpectedVersion.StreamExists,
                "none" => ExpectedVersion.NoStream,
                _ => ExpectedVersion.At(new StreamVersion(1)),
            };
            foreach (var events in new EventData[][] { [NewEvent()], NewEvents(3), [new EventData(Guid.NewGuid(), "t", "{}"u8.ToArray(), tags: ["a:1"])], [] })
            {
                var alone = await RefusesAsync<StreamClosedException>(() => AppendAsync(stream, expected, events));
                Assert.Equal((stream, state), (alone.Stream.Value, alone.State));

                var beside = await RefusesAsync<StreamClosedException>(() => AppendAsync(
                    new StreamAppend("account-3", ExpectedVersion.Any, [NewEvent()]), new StreamAppend(stream, expected, events)));
                Assert.Equal((stream, state), (beside.Stream.Value, beside.State));
            }
        }

        Assert.Empty(await ReadAsync("account-3"));
    }

    [Fact]
    public async Task Many_at_once_are_refused_one_by_one()
    {
        await DepositAsync("account-0", 1);
        await Maintenance.ArchiveAsync("account-0", Why, Cancellation);

        var appends = Enumerable.Range(0, 200).Select(i => AppendAsync($"account-{i % 40}", ExpectedVersion.Any, NewEvent())).ToArray();
        await Task.WhenAll(appends.Select(append => append.ContinueWith(_ => { }, Cancellation, TaskContinuationOptions.None, TaskScheduler.Default)));

        Assert.All(appends.Where((_, i) => i % 40 == 0), append => Assert.IsType<StreamClosedException>(append.Exception?.InnerException));
        Assert.All(appends.Where((_, i) => i % 40 != 0), append => Assert.True(append.IsCompletedSuccessfully));
        Assert.Single(await ReadAsync("account-0"));
    }

    [Fact]
    public async Task An_archived_stream_is_read_as_before_in_its_place()
    {
        var tagged = new EventData(Guid.NewGuid(), "tagged", "{}"u8.ToArray(), tags: ["book:1"]);
        await DepositAsync("account-1", 1, 2);
        await DepositAsync("account-2", 5);
        await AppendAsync("account-1", ExpectedVersion.Any, tagged);
        await DepositAsync("account-2", 6);
        var before = (
            Log: Ids(await ReadLogAsync()),
            Filtered: Ids(await ReadLogAsync(new LogReadOptions { PageSize = 1, Filter = new EventFilter { Categories = ["account"], EventTypes = ["tagged", "deposited"] } })),
            Stream: Ids(await ReadAsync("account-1")));

        var archived = await Maintenance.ArchiveAsync("account-1", Why, Cancellation);

        Assert.Equal(new StreamInfo("account-1", new StreamVersion(3), new StreamVersion(1), StreamState.Archived), archived);
        Assert.Equal(archived, await Store.FindStreamAsync("account-1", Cancellation));
        Assert.Equal(before.Log, Ids(await ReadLogAsync()));
        Assert.Equal(before.Log, Ids(await ReadLogAsync(new LogReadOptions { PageSize = 1 })));
        Assert.Equal(before.Log, Ids(await Life.Rival.ReadAllAsync(cancellationToken: Cancellation).ToListAsync(Cancellation)));
        Assert.Equal(before.Filtered, Ids(await ReadLogAsync(new LogReadOptions { PageSize = 1, Filter = new EventFilter { Categories = ["account"], EventTypes = ["tagged", "deposited"] } })));
        Assert.Equal(before.Stream, Ids(await ReadAsync("account-1")));
        Assert.Equal(Enumerable.Reverse(before.Stream), Ids(await ReadAsync("account-1", new StreamReadOptions { Direction = ReadDirection.Backwards })));
        Assert.Equal(before.Stream[1..2], Ids(await ReadAsync("account-1", new StreamReadOptions { From = new StreamVersion(2), MaxCount = 1 })));
        Assert.Equal(new StreamVersion(3), await Store.FindVersionAsync("account-1", tagged.Id, Cancellation));
        Assert.Equal([tagged.Id], Ids((await Store.QueryAsync(new EventQuery(new EventQueryItem { Tags = ["book:1"] }), Cancellation)).Events));
        Assert.Equal([tagged.Id], Ids((await Store.QueryAsync(new EventQuery(new EventQueryItem { Types = ["tagged"], IsLatestOnly = true }), Cancellation)).Events));
        Assert.Equal(before.Log, Ids((await Store.QueryAsync(EventQuery.All, Cancellation)).Events));
        var fresh = new AppendRequest([new StreamAppend("account-9", ExpectedVersion.Any, [NewEvent()])])
        {
            Condition = new AppendCondition(new EventQuery(new EventQueryItem { Types = ["tagged"] }), DecisionPoint.At(LogPosition.Start)),
        };
        await RefusesAsync<ConcurrencyConflictException>(() => Store.AppendAsync(fresh, Cancellation));
    }

    [Fact]
    public async Task A_restored_stream_goes_on()
    {
        await DepositAsync("account-1", 1, 2);
        await Maintenance.ArchiveAsync("account-1", Why, Cancellation);
        await Maintenance.ArchiveAsync("account-1", Why, Cancellation);
        Assert.Equal(3, (await BalanceAsync("account-1")).State);

        var restored = await Maintenance.RestoreAsync("account-1", Why, Cancellation);
        await Maintenance.RestoreAsync("account-1", Why, Cancellation);

        Assert.Equal(new StreamInfo("account-1", new StreamVersion(2), new StreamVersion(1), StreamState.Open), restored);
        await DepositAsync("account-1", 3);
        Assert.Equal(6, (await BalanceAsync("account-1")).State);
        Assert.Empty(await Store.ReadStreamsAsync(Cancellation).ToListAsync(Cancellation));
        Assert.Equal([StreamOperationKind.Archive, StreamOperationKind.Restore], (await OperationsAsync()).Select(operation => operation.Kind));
    }

    [Fact]
    public async Task A_retried_append_gets_its_first_result_from_an_archived_stream()
    {
        var events = NewEvents(2);
        var first = await AppendAsync("account-1", ExpectedVersion.NoStream, events);
        await Maintenance.ArchiveAsync("account-1", Why, Cancellation);

        var again = await AppendAsync("account-1", ExpectedVersion.NoStream, events);

        Assert.True(again.AlreadyStored);
        Assert.Equal((first.Position, first.Streams[0]), (again.Position, again.Streams[0]));
        Assert.Equal(2, (await ReadLogAsync()).Count);
    }

    [Fact]
    public async Task A_retried_append_below_a_truncation_is_a_conflict_and_never_stored_again()
    {
        var (early, across, late) = (NewEvents(2), NewEvents(2), NewEvents(1));
        await AppendAsync("account-1", ExpectedVersion.NoStream, early);
        await AppendAsync("account-1", ExpectedVersion.At(new StreamVersion(2)), across);
        await AppendAsync("account-1", ExpectedVersion.At(new StreamVersion(4)), late);
        await WriteAtAsync("account-1", 5, new BroughtForward(7));
        await Maintenance.TruncateAsync("account-1", new StreamVersion(6), StreamStandIn.Summary, Why, cancellationToken: Cancellation);
        await DepositAsync("account-1", 1);

        await ConflictsAsync(() => AppendAsync("account-1", ExpectedVersion.NoStream, early), ("account-1", ExpectedVersion.NoStream, 7));
        await ConflictsAsync(() => AppendAsync("account-1", ExpectedVersion.At(new StreamVersion(2)), across), ("account-1", ExpectedVersion.At(new StreamVersion(2)), 7));
        await ConflictsAsync(() => AppendAsync("account-1", ExpectedVersion.At(new StreamVersion(4)), late), ("account-1", ExpectedVersion.At(new StreamVersion(4)), 7));
        Assert.Equal(2, (await ReadLogAsync()).Count);
    }

    [Fact]
    public async Task A_retried_append_across_a_truncation_is_a_conflict_and_one_above_gets_its_first_result()
    {
        var across = new[] { Money.Serialize(new Deposited(1)), Money.Serialize(new BroughtForward(3)) };
        var above = NewEvents(1);
        await DepositAsync("account-1", 2);
        await AppendAsync("account-1", ExpectedVersion.At(new StreamVersion(1)), across);
        await AppendAsync("account-1", ExpectedVersion.At(new StreamVersion(3)), above);
        await Maintenance.TruncateAsync("account-1", new StreamVersion(3), StreamStandIn.Summary, Why, cancellationToken: Cancellation);

        await ConflictsAsync(() => AppendAsync("account-1", ExpectedVersion.At(new StreamVersion(1)), across), ("account-1", ExpectedVersion.At(new StreamVersion(1)), 4));
        Assert.True((await AppendAsync("account-1", ExpectedVersion.At(new StreamVersion(3)), above)).AlreadyStored);
    }

    [Fact]
    public async Task A_retried_append_to_a_deleted_stream_is_refused()
    {
        var events = NewEvents(2);
        await AppendAsync("account-1", ExpectedVersion.NoStream, events);
        await Maintenance.DeleteAsync("account-1", Why, cancellationToken: Cancellation);

        await RefusesAsync<StreamClosedException>(() => AppendAsync("account-1", ExpectedVersion.NoStream, events));
        Assert.Equal(StreamDeleted.StoredName, Assert.Single(await ReadLogAsync()).Type);
    }

    [Fact]
    public async Task A_tenant_of_a_shared_log_reads_that_its_stream_was_deleted_and_no_other_does()
    {
        var acme = new TenantLog(Store, new TenantName("acme"));
        var globex = new TenantLog(Store, new TenantName("globex"));
        await acme.AppendAsync("account-1", ExpectedVersion.NoStream, NewEvents(2), Cancellation);
        await globex.AppendAsync("account-1", ExpectedVersion.NoStream, NewEvents(2), Cancellation);

        await Maintenance.DeleteAsync("account-1@acme", Why, cancellationToken: Cancellation);

        var left = Assert.Single(await acme.ReadAllAsync(cancellationToken: Cancellation).ToListAsync(Cancellation));
        Assert.Equal((StreamDeleted.StoredName, "account-1", 0), (left.Type, left.Stream.Value, left.Tags.Count));
        Assert.Equal(2, await globex.ReadAllAsync(cancellationToken: Cancellation).CountAsync(Cancellation));
        Assert.Equal(
            (new StreamName("account-1"), StreamState.Deleted),
            (await acme.ReadStreamsAsync(Cancellation).ToListAsync(Cancellation)) is [var one] ? (one.Stream, one.State) : default);
        Assert.Empty(await globex.ReadStreamsAsync(Cancellation).ToListAsync(Cancellation));
        var refused = await Assert.ThrowsAsync<StreamClosedException>(() => acme.AppendAsync("account-1", ExpectedVersion.Any, [NewEvent()], Cancellation));
        Assert.Equal("account-1", refused.Stream.Value);
    }

    [Fact]
    public async Task A_summary_stands_in_for_what_was_truncated()
    {
        await DepositAsync("account-1", 1, 2, 3);
        await WriteAtAsync("account-1", 3, new BroughtForward(6));
        await DepositAsync("account-1", 4);

        var truncated = await Maintenance.TruncateAsync("account-1", new StreamVersion(4), StreamStandIn.Summary, Why, cancellationToken: Cancellation);

        Assert.Equal((5L, 4L, StreamState.Open, StreamStandIn.Summary), (truncated.Version.Value, truncated.FirstVersion.Value, truncated.State, truncated.StandIn));
        Assert.Equal(truncated, await Life.Rival.FindStreamAsync("account-1", Cancellation));
        Assert.Equal([truncated], await Store.ReadStreamsAsync(Cancellation).ToListAsync(Cancellation));
        Assert.Equal([4L, 5L], (await ReadAsync("account-1")).Select(recorded => recorded.Version.Value));
        Assert.Equal([4L, 5L], (await ReadLogAsync()).Select(recorded => recorded.Position.Value));
        Assert.Equal((10, 5L), await BalanceAsync("account-1"));
        Assert.Equal(new AccountView(10), await new LiveViews(Store, Money).FoldAsync(new Accounts(), "account-1", cancellationToken: Cancellation));

        var cached = new Repository(Store, Money, cache: new StreamCacheOptions());
        Assert.Equal(10, (await cached.LoadAsync("account-1", Accounts.Balance, Cancellation)).State);
        await DepositAsync("account-1", 5);
        Assert.Equal(15, (await cached.LoadAsync("account-1", Accounts.Balance, Cancellation)).State);
        await cached.ExecuteAsync("account-1", Accounts.Balance, balance => [new Deposited(balance)], cancellationToken: Cancellation);
        Assert.Equal((30, 7L), await BalanceAsync("account-1"));
    }

    [Fact]
    public async Task What_lies_before_a_truncation_is_not_told_wrongly()
    {
        await DepositAsync("account-1", 1, 2);
        await WriteAtAsync("account-1", 2, new BroughtForward(3));
        await Maintenance.TruncateAsync("account-1", new StreamVersion(3), StreamStandIn.Summary, Why, cancellationToken: Cancellation);

        var refused = await Assert.ThrowsAsync<StreamTruncatedException>(() =>
            new LiveViews(Store, Money).FoldAsync(new Accounts(), "account-1", PointInLog.At(new StreamVersion(2)), Cancellation));

        Assert.Equal(("account-1", 3L), (refused.Stream.Value, refused.FirstVersion.Value));
    }

    [Fact]
    public async Task A_stream_is_truncated_further_and_not_less()
    {
        await DepositAsync("account-1", 1);
        await WriteAtAsync("account-1", 1, new BroughtForward(1), new BroughtForward(1), new BroughtForward(1));
        foreach (var (before, first) in new[] { (3, 3L), (3, 3L), (2, 3L), (4, 4L) })
        {
            var truncated = await Maintenance.TruncateAsync("account-1", new StreamVersion(before), StreamStandIn.Summary, Why, cancellationToken: Cancellation);
            Assert.Equal(first, truncated.FirstVersion.Value);
        }

        Assert.Equal([2L, 1L], (await OperationsAsync()).Select(operation => operation.Events));
    }

    [Fact]
    public async Task What_is_no_summary_or_no_version_does_not_stand_in()
    {
        await DepositAsync("account-1", 1, 2, 3);
        Task<StreamInfo> Truncate(int before, StreamStandIn standIn) =>
            Maintenance.TruncateAsync("account-1", new StreamVersion(before), standIn, Why, cancellationToken: Cancellation);

        await RefusesAsync<InvalidOperationException>(() => Truncate(2, StreamStandIn.Summary));
        await RefusesAsync<InvalidOperationException>(() => Truncate(2, StreamStandIn.Snapshot));
        await RefusesAsync<ArgumentOutOfRangeException>(() => Truncate(0, StreamStandIn.Summary));
        await RefusesAsync<ArgumentOutOfRangeException>(() => Truncate(1, StreamStandIn.Summary));
        await RefusesAsync<ArgumentOutOfRangeException>(() => Truncate(4, StreamStandIn.Summary));
        await RefusesAsync<ArgumentOutOfRangeException>(() => Truncate(2, (StreamStandIn)7));
        Assert.Equal(3, (await ReadAsync("account-1")).Count);
        Assert.Empty(await OperationsAsync());
        Assert.Empty(await Store.ReadStreamsAsync(Cancellation).ToListAsync(Cancellation));
    }

    [Fact]
    public async Task A_snapshot_stands_in_for_those_who_know_it()
    {
        await DepositAsync("account-1", 1, 2, 3, 4, 5);
        var kept = new Repository(Store, Money, snapshots: Life.Snapshots);
        Assert.Equal(15, (await kept.LoadAsync("account-1", Accounts.KeptBalance, Cancellation)).State);
        await DepositAsync("account-1", 6);
        await RefusesAsync<InvalidOperationException>(() =>
            Maintenance.TruncateAsync("account-1", new StreamVersion(6), StreamStandIn.Snapshot, Why, cancellationToken: Cancellation));

        var truncated = await Maintenance.TruncateAsync("account-1", new StreamVersion(5), StreamStandIn.Snapshot, Why, cancellationToken: Cancellation);

        Assert.Equal((5L, StreamStandIn.Snapshot), (truncated.FirstVersion.Value, truncated.StandIn));
        Assert.Equal(21, (await kept.LoadAsync("account-1", Accounts.KeptBalance, Cancellation)).State);
        var refused = await Assert.ThrowsAsync<StreamTruncatedException>(() => kept.LoadAsync("account-1", Accounts.Balance, Cancellation));
        Assert.Equal(("account-1", 5L), (refused.Stream.Value, refused.FirstVersion.Value));
        await Assert.ThrowsAsync<StreamTruncatedException>(() => new LiveViews(Store, Money).FoldAsync(new Accounts(), "account-1", cancellationToken: Cancellation));
        var other = Accounts.Balance with { Snapshots = SnapshotPolicy.Of<int>("balance", schemaVersion: 2, every: 5) };
        await Assert.ThrowsAsync<StreamTruncatedException>(() => kept.LoadAsync("account-1", other, Cancellation));
    }

    [Fact]
    public async Task A_deleted_stream_is_its_last_event_alone()
    {
        await DepositAsync("account-1", 1, 2, 3, 4, 5);
        await new Repository(Store, Money, snapshots: Life.Snapshots).LoadAsync("account-1", Accounts.KeptBalance, Cancellation);
        await DepositAsync("account-2", 1);
        var cached = new Repository(Store, Money, cache: new StreamCacheOptions());
        await cached.LoadAsync("account-1", Accounts.Balance, Cancellation);

        var deleted = await Maintenance.DeleteAsync("account-1", Why, cancellationToken: Cancellation);

        Assert.Equal(new StreamInfo("account-1", new StreamVersion(6), new StreamVersion(6), StreamState.Deleted), deleted);
        Assert.Equal(deleted, await Maintenance.DeleteAsync("account-1", Why, cancellationToken: Cancellation));
        Assert.Equal(deleted, await Store.FindStreamAsync("account-1", Cancellation));
        var last = Money.Deserialize(Assert.Single(await ReadAsync("account-1")));
        Assert.Equal(new StreamDeleted(Why.Reason), last.Event);
        Assert.Equal((Why.Actor, 6L, 7L, "account"), (last.Metadata.Actor, last.Version.Value, last.Position.Value, last.Stream.Category));
        Assert.Equal(7, await HeadAsync());
        Assert.Null(await Life.Snapshots.LoadAsync("account-1", "balance", Cancellation));
        foreach (var repository in new[] { cached, new Repository(Store, Money, snapshots: Life.Snapshots) })
        {
            var closed = await Assert.ThrowsAsync<StreamClosedException>(() => repository.LoadAsync("account-1", Accounts.KeptBalance, Cancellation));
            Assert.Equal(("account-1", StreamState.Deleted), (closed.Stream.Value, closed.State));
            await Assert.ThrowsAsync<StreamClosedException>(() =>
                repository.ExecuteAsync("account-1", Accounts.Balance, _ => [new Deposited(1)], cancellationToken: Cancellation));
        }

        Assert.Null(await new LiveViews(Store, Money).FoldAsync(new Accounts(), "account-1", cancellationToken: Cancellation));
        foreach (var refused in new Func<Task>[]
        {
            () => Maintenance.ArchiveAsync("account-1", Why, Cancellation),
            () => Maintenance.RestoreAsync("account-1", Why, Cancellation),
            () => Maintenance.TruncateAsync("account-1", new StreamVersion(6), StreamStandIn.Summary, Why, cancellationToken: Cancellation),
        })
        {
            await RefusesAsync<StreamClosedException>(refused);
        }

        Assert.Single(await OperationsAsync());
    }

    [Fact]
    public async Task A_stream_that_is_not_there_is_not_maintained()
    {
        await DepositAsync("account-2", 1);

        await RefusesAsync<ArgumentException>(() => Maintenance.ArchiveAsync("account-1", Why, Cancellation));
        await RefusesAsync<ArgumentException>(() => Maintenance.RestoreAsync("account-1", Why, Cancellation));
        await RefusesAsync<ArgumentException>(() => Maintenance.TruncateAsync("account-1", new StreamVersion(2), StreamStandIn.Summary, Why, cancellationToken: Cancellation));
        await RefusesAsync<ArgumentException>(() => Maintenance.DeleteAsync("account-1", Why, cancellationToken: Cancellation));
        Assert.Null(await Store.FindStreamAsync("account-1", Cancellation));
        Assert.Equal(new StreamInfo("account-2", new StreamVersion(1), new StreamVersion(1), StreamState.Open), await Store.FindStreamAsync("account-2", Cancellation));
        Assert.Throws<ArgumentException>(() => new MaintenanceNote("", "why"));
        Assert.Throws<ArgumentException>(() => new MaintenanceNote("ada", ""));
        Assert.Throws<ArgumentException>(() => new MaintenanceNote("ada", "\0"));
    }

    [Fact]
    public async Task An_archived_stream_is_truncated_and_deleted_where_it_is()
    {
        await DepositAsync("account-1", 1, 2);
        await WriteAtAsync("account-1", 2, new BroughtForward(3));
        await Maintenance.ArchiveAsync("account-1", Why, Cancellation);

        var truncated = await Maintenance.TruncateAsync("account-1", new StreamVersion(3), StreamStandIn.Summary, Why, cancellationToken: Cancellation);
        Assert.Equal((StreamState.Archived, StreamStandIn.Summary), (truncated.State, truncated.StandIn));
        Assert.Equal((3, 3L), await BalanceAsync("account-1"));
        Assert.Equal(StreamStandIn.Summary, (await Maintenance.RestoreAsync("account-1", Why, Cancellation)).StandIn);
        await Maintenance.ArchiveAsync("account-1", Why, Cancellation);

        var deleted = await Maintenance.DeleteAsync("account-1", Why, cancellationToken: Cancellation);
        Assert.Equal((StreamState.Deleted, 4L, null), (deleted.State, deleted.FirstVersion.Value, deleted.StandIn));
        Assert.Equal(4, Assert.Single(await ReadLogAsync()).Position.Value);
    }

    [Fact]
    public async Task What_somebody_has_not_read_stays_unless_it_may_go_even_so()
    {
        await DepositAsync("account-1", 1, 2);
        var runner = new ProjectionRunner(Store, Money, [Views.Bind(new Accounts())], Quick, Consumers, Letters);
        await runner.CatchUpAsync(Cancellation);
        await Checkpoints.SaveAsync("mail", Checkpoint.After(new LogPosition(2)), Cancellation);
        await WriteAtAsync("account-1", 2, new BroughtForward(3));
        await DepositAsync("account-1", 4);

        // Read up to the last that would go.
        await Maintenance.TruncateAsync("account-1", new StreamVersion(3), StreamStandIn.Summary, Why, cancellationToken: Cancellation);

        var refused = await RefusesAsync<UnreadEventsException>(() => Maintenance.DeleteAsync("account-1", Why, cancellationToken: Cancellation));
        Assert.Equal(("account-1", 4L), (refused.Stream.Value, refused.Last.Value));
        Assert.Equal([new UnreadBy("accounts", new LogPosition(2)), new UnreadBy("mail", new LogPosition(2))], refused.UnreadBy);
        Assert.Contains("'accounts' is at position 2", refused.Message, StringComparison.Ordinal);
        Assert.Equal(2, (await ReadAsync("account-1")).Count);

        await Checkpoints.SaveAsync("mail", Checkpoint.After(new LogPosition(4)), Cancellation);
        Assert.Equal(["accounts"], (await RefusesAsync<UnreadEventsException>(() =>
            Maintenance.DeleteAsync("account-1", Why, cancellationToken: Cancellation))).UnreadBy.Select(one => one.Consumer));
        await Maintenance.DeleteAsync("account-1", Why, evenUnread: true, Cancellation);
        await runner.CatchUpAsync(Cancellation);

        Assert.Empty(await Views.Open(new Accounts()).ReadAllAsync(Cancellation).ToListAsync(Cancellation));
        Assert.Equal([false, true], (await OperationsAsync()).Select(operation => operation.EvenUnread));
    }

    [Fact]
    public async Task A_parked_event_is_not_read_and_goes_with_its_letter()
    {
        await AppendAsync("account-1", ExpectedVersion.NoStream, NewEvent("deposited", """{"amount":"much"}"""));
        var runner = new ProjectionRunner(Store, Money, [Views.Bind(new Accounts())], Quick with { OnPoison = PoisonAction.Park }, Consumers, Letters);
        await runner.CatchUpAsync(Cancellation);
        Assert.Single(await runner.ListDeadLettersAsync("accounts", Cancellation));

        var refused = await RefusesAsync<UnreadEventsException>(() => Maintenance.DeleteAsync("account-1", Why, cancellationToken: Cancellation));
        Assert.Equal([new UnreadBy("accounts", new LogPosition(1), IsParked: true)], refused.UnreadBy);

        await Maintenance.DeleteAsync("account-1", Why, evenUnread: true, Cancellation);
        Assert.Empty(await runner.ListDeadLettersAsync("accounts", Cancellation));
    }

    [Fact]
    public async Task Who_handles_the_deletion_removes_its_rows_and_who_does_not_goes_on()
    {
        await DepositAsync("account-1", 1);
        await DepositAsync("account-2", 2);
        var (accounts, orders) = (new Accounts(), new Orders());
        var both = new EventSerializer(new EventTypeRegistry().Add<Deposited>().Add<BroughtForward>().Add<OrderPlaced>().Add<OrderPaid>().Add<OrderForgotten>());
        var runner = new ProjectionRunner(Store, both, [Views.Bind(accounts), Views.Bind(orders)], Quick, Consumers, Letters);
        await runner.CatchUpAsync(Cancellation);

        await Maintenance.DeleteAsync("account-1", Why, cancellationToken: Cancellation);
        await WriteAsync("order-1", new OrderPlaced("ada", 10));
        await runner.CatchUpAsync(Cancellation);

        Assert.Equal(["account-2"], (await AllAsync(accounts)).Keys);
        Assert.Equal(["order-1"], (await AllAsync(orders)).Keys);
        Assert.Empty(await runner.ListDeadLettersAsync("accounts", Cancellation));
    }

    [Fact]
    public async Task A_projection_that_appends_apply_is_told_of_a_deletion_and_refuses_what_is_closed()
    {
        var orders = new OpenOrders();
        var inline = Views.BindInline(orders);
        Register(inline);
        var runner = Runner(inline);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        var running = runner.RunAsync(stop.Token);
        Task InlineAsync() => UntilAsync(async () => (await Consumers.ReadAsync(cancellationToken: Cancellation)).Rows is [{ IsInline: true }]);
        await InlineAsync();
        await WriteAsync("order-1", new OrderPlaced("ada", 10));
        await WriteAsync("order-2", new OrderPlaced("bob", 20));

        // Its row stays behind while appends apply it: it has read what there is.
        await Maintenance.DeleteAsync("order-1", Why, cancellationToken: Cancellation);
        await Maintenance.ArchiveAsync("order-2", Why, Cancellation);

        await UntilAsync(async () => (await AllAsync(orders)).Keys.SequenceEqual(["order-2"]));
        await InlineAsync();
        await RefusesAsync<StreamClosedException>(() => WriteAsync("order-1", new OrderPlaced("eve", 1)));
        await RefusesAsync<StreamClosedException>(() => WriteAsync("order-2", new OrderPlaced("eve", 1)));
        await WriteAsync("order-3", new OrderPlaced("eve", 30));
        Assert.Equal(["order-2", "order-3"], (await AllAsync(orders)).Keys.Order());
        await EndAsync(stop, running);
    }

    [Fact]
    public async Task A_deletion_counts_for_a_decision_on_everything_and_removed_events_are_found_by_none()
    {
        await AppendAsync("account-1", ExpectedVersion.Any, new EventData(Guid.NewGuid(), "tagged", "{}"u8.ToArray(), tags: ["book:1"]));
        var all = await Store.QueryAsync(EventQuery.All, Cancellation);
        var tagged = new EventQuery(new EventQueryItem { Tags = ["book:1"] });
        var byTag = await Store.QueryAsync(tagged, Cancellation);
        await Maintenance.DeleteAsync("account-1", Why, cancellationToken: Cancellation);

        Assert.Empty((await Store.QueryAsync(tagged, Cancellation)).Events);
        Assert.Empty((await Store.QueryAsync(new EventQuery(new EventQueryItem { Types = ["tagged"] }), Cancellation)).Events);
        var refused = await RefusesAsync<ConcurrencyConflictException>(() => Store.AppendAsync(On(EventQuery.All, all.Point), Cancellation));
        Assert.Equal(2, refused.Unseen?.Value);
        await RefusesAsync<ConcurrencyConflictException>(() =>
            Store.AppendAsync(On(new EventQuery(new EventQueryItem { Types = [StreamDeleted.StoredName] }), all.Point), Cancellation));
        await Store.AppendAsync(On(tagged, byTag.Point), Cancellation);

        static AppendRequest On(EventQuery query, DecisionPoint seen) =>
            new([new StreamAppend("account-9", ExpectedVersion.Any, [NewEvent()])]) { Condition = new AppendCondition(query, seen) };
    }

    [Fact]
    public async Task Who_did_what_and_why_is_kept()
    {
        await DepositAsync("account-1", 1, 2);
        await DepositAsync("account-2", 1);
        await WriteAtAsync("account-1", 2, new BroughtForward(3));
        await Maintenance.TruncateAsync("account-1", new StreamVersion(3), StreamStandIn.Summary, new MaintenanceNote("bob", "the year's end"), cancellationToken: Cancellation);
        await Maintenance.ArchiveAsync("account-2", new MaintenanceNote("eve \U0001f389", "it's \"over\""), Cancellation);
        await Maintenance.DeleteAsync("account-1", Why, cancellationToken: Cancellation);

        var all = await OperationsAsync();

        Assert.Equal([StreamOperationKind.Truncate, StreamOperationKind.Archive, StreamOperationKind.Delete], all.Select(operation => operation.Kind));
        Assert.Equal([new MaintenanceNote("bob", "the year's end"), new MaintenanceNote("eve \U0001f389", "it's \"over\""), Why], all.Select(operation => operation.Note));
        Assert.Equal([(3L, 3L, 2L), (1L, 1L, 1L), (4L, 4L, 1L)], all.Select(operation => (operation.Version.Value, operation.FirstVersion.Value, operation.Events)));
        Assert.All(all, operation => Assert.InRange(operation.At, DateTimeOffset.UtcNow.AddMinutes(-5), DateTimeOffset.UtcNow.AddMinutes(5)));
        Assert.Equal(["account-2"], (await Maintenance.ReadOperationsAsync("account-2", Cancellation).ToListAsync(Cancellation)).Select(operation => operation.Stream.Value));
        Assert.Equal(["account-1", "account-2"], (await Store.ReadStreamsAsync(Cancellation).ToListAsync(Cancellation)).Select(found => found.Stream.Value));
    }

    private static Guid[] Ids(IEnumerable<RecordedEvent> events) => [.. events.Select(recorded => recorded.Id)];

    private Task<AppendResult> DepositAsync(string stream, params int[] amounts) =>
        AppendAsync(stream, ExpectedVersion.Any, [.. amounts.Select(amount => Money.Serialize(new Deposited(amount)))]);

    private Task<AppendResult> WriteAtAsync(string stream, int at, params object[] events) =>
        AppendAsync(stream, ExpectedVersion.At(new StreamVersion(at)), [.. events.Select(one => Money.Serialize(one))]);

    private async Task<(int State, long Version)> BalanceAsync(string stream)
    {
        var loaded = await new Repository(Store, Money).LoadAsync(stream, Accounts.Balance, Cancellation);
        return (loaded.State, loaded.Version.Value);
    }

    private async Task<List<StreamOperation>> OperationsAsync() => await Maintenance.ReadOperationsAsync(cancellationToken: Cancellation).ToListAsync(Cancellation);
}
