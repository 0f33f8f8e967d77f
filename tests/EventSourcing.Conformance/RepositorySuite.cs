using System.Text;
using Xunit;

namespace EventSourcing.Conformance;

/// <summary>The three ways of modelling over the store, with real rivals.</summary>
public abstract class RepositorySuite : StoreSuite
{
    private static readonly Decider<int, int, Counted> Counter = new(
        0,
        (by, total) => total + by <= 1_000 ? [new Counted(by)] : throw new InvalidOperationException("Too much."),
        (total, counted) => total + counted.By);

    private readonly EventSerializer serializer = new(new EventTypeRegistry().Add<Counted>());

    private Repository Repository => new(Store, serializer, new ConflictRetryOptions { MaxAttempts = 1_000 });

    [Fact]
    public async Task A_lambda_a_decider_and_an_aggregate_work_on_one_stream()
    {
        await Repository.ExecuteAsync("count-1", 0, (total, @event) => total + ((Counted)@event).By, total => [new Counted(total + 1)], cancellationToken: Cancellation);
        await Repository.ExecuteAsync("count-1", Counter, 10, cancellationToken: Cancellation);
        var result = await Repository.ExecuteAsync<CountAggregate>("count-1", aggregate => aggregate.Add(100), cancellationToken: Cancellation);

        Assert.Equal(new StreamVersion(3), result.Streams[0].Version);
        Assert.Equal(new LogPosition(3), result.Position);
        Assert.Equal([new Counted(100)], result.Events);
        var loaded = await Repository.LoadAsync<CountAggregate>("count-1", Cancellation);
        Assert.Equal((111, 3L), (loaded.Total, loaded.Version.Value));
        Assert.Equal(new FoldedState<int>(111, new StreamVersion(3), new LogPosition(3)), await Repository.LoadAsync("count-1", Counter.Fold, Cancellation));
    }

    [Fact]
    public async Task Rivals_decide_again_until_each_has_counted()
    {
        await Task.WhenAll(Enumerable.Range(0, 8).Select(rival => Task.Run(
            async () =>
            {
                for (var i = 0; i < 15; i++)
                {
                    _ = rival % 2 == 0
                        ? await Repository.ExecuteAsync("count-1", Counter, 1, cancellationToken: Cancellation)
                        : await Repository.ExecuteAsync<CountAggregate>("count-1", aggregate => aggregate.Add(1), cancellationToken: Cancellation);
                }
            },
            Cancellation))).WaitAsync(Patience, Cancellation);

        Assert.Equal(120, (await Repository.LoadAsync("count-1", Counter.Fold, Cancellation)).State);
        Assert.Equal(120, await HeadAsync());
    }

    [Fact]
    public async Task An_event_is_found_by_its_id_in_its_stream_alone()
    {
        var (one, other) = (serializer.Serialize(new Counted(1)), serializer.Serialize(new Counted(2)));
        await AppendAsync("count-1", ExpectedVersion.NoStream, one, other);

        Assert.Equal(new StreamVersion(2), await Store.FindVersionAsync("count-1", other.Id, Cancellation));
        Assert.Null(await Store.FindVersionAsync("count-1", Guid.NewGuid(), Cancellation));
        Assert.Null(await Store.FindVersionAsync("count-2", one.Id, Cancellation));
    }

    [Fact]
    public async Task No_events_means_nothing_is_written()
    {
        await Repository.ExecuteAsync("count-1", Counter, 5, cancellationToken: Cancellation);

        var result = await Repository.ExecuteAsync("count-1", 0, (total, _) => total, _ => [], cancellationToken: Cancellation);

        Assert.Empty(result.Events);
        Assert.Equal(new LogPosition(1), result.Position);
        Assert.Equal(1, await HeadAsync());
    }

    [Fact]
    public async Task A_refusal_writes_nothing()
    {
        await RefusesAsync<InvalidOperationException>(() => Repository.ExecuteAsync("count-1", Counter, 1_001, cancellationToken: Cancellation));
    }

    [Fact]
    public async Task Attempts_are_bounded()
    {
        await AppendAsync("count-1", ExpectedVersion.NoStream, serializer.Serialize(new Counted(1)));
        var repository = new Repository(Store, serializer, new ConflictRetryOptions { MaxAttempts = 3, FirstDelay = TimeSpan.Zero });
        var attempts = 0;

        await Assert.ThrowsAsync<ConcurrencyConflictException>(() => repository.ExecuteAsync(
            "count-1",
            0,
            (total, _) => total + 1,
            total =>
            {
                attempts++;
                AppendAsync("count-1", ExpectedVersion.At(total), serializer.Serialize(new Counted(1))).GetAwaiter().GetResult();
                return [new Counted(1)];
            },
            cancellationToken: Cancellation));

        Assert.Equal(3, attempts);
    }

    [Fact]
    public async Task Several_aggregates_are_saved_together_or_not_at_all()
    {
        var left = await Repository.LoadAsync<CountAggregate>("left-1", Cancellation);
        var right = await Repository.LoadAsync<CountAggregate>("right-1", Cancellation);
        left.Add(1);
        right.Add(2);
        await Repository.SaveAsync([left, right], cancellationToken: Cancellation);
        Assert.Equal((1L, 1L, 0), (left.Version.Value, right.Version.Value, left.UncommittedEvents.Count));

        await Repository.ExecuteAsync<CountAggregate>("right-1", aggregate => aggregate.Add(5), cancellationToken: Cancellation);
        left.Add(10);
        await RefusesAsync<ConcurrencyConflictException>(() => Repository.SaveAsync([left, right], cancellationToken: Cancellation));
        Assert.Single(left.UncommittedEvents);
        Assert.Single(await ReadAsync("left-1"));
    }

    [Fact]
    public async Task Metadata_travels_from_the_command_to_the_event()
    {
        var context = new CommandContext
        {
            CommandId = "command-1",
            CorrelationId = "conversation-1",
            CausationId = "event-0",
            Actor = "Zoë 🎉",
            Custom = new Dictionary<string, string> { ["tenant"] = "\0odd\"one" },
        };
        await Repository.ExecuteAsync("count-1", Counter, 5, context, Cancellation);
        await Repository.ExecuteAsync("count-1", Counter, 5, new CommandContext { CommandId = "command-2" }, Cancellation);

        var events = (await ReadAsync("count-1")).ConvertAll(serializer.Deserialize);
        var first = events[0].Metadata;
        Assert.Equal(("command-1", "conversation-1", "event-0", "Zoë 🎉", "\0odd\"one"), (first.CommandId, first.CorrelationId, first.CausationId, first.Actor, first.Custom["tenant"]));
        Assert.Equal(("command-2", "command-2", "command-2", null), (events[1].Metadata.CommandId, events[1].Metadata.CorrelationId, events[1].Metadata.CausationId, events[1].Metadata.Actor));
    }

    [Fact]
    public async Task An_aggregate_knows_its_stream_and_version_while_it_decides()
    {
        await Repository.ExecuteAsync("count-1", Counter, 10, cancellationToken: Cancellation);
        await Repository.ExecuteAsync("count-1", Counter, 20, cancellationToken: Cancellation);
        (StreamName Stream, StreamVersion Version) seen = default;

        await Repository.ExecuteAsync<CountAggregate>("count-1", aggregate => seen = (aggregate.Stream, aggregate.Version), cancellationToken: Cancellation);

        Assert.Equal((new StreamName("count-1"), new StreamVersion(2)), seen);
    }

    [Fact]
    public async Task An_aggregate_without_changes_is_checked_when_saved_with_others()
    {
        await Repository.ExecuteAsync("limit-1", Counter, 1, cancellationToken: Cancellation);
        var limit = await Repository.LoadAsync<CountAggregate>("limit-1", Cancellation);
        var order = await Repository.LoadAsync<CountAggregate>("order-1", Cancellation);
        order.Add(1);
        await Repository.ExecuteAsync("limit-1", Counter, 1, cancellationToken: Cancellation);

        var conflict = await RefusesAsync<ConcurrencyConflictException>(() => Repository.SaveAsync([limit, order], cancellationToken: Cancellation));

        Assert.Equal(new VersionConflict("limit-1", ExpectedVersion.At(1), new StreamVersion(2)), Assert.Single(conflict.Conflicts));
    }

    [Fact]
    public async Task A_saved_aggregate_goes_on_from_there_and_is_not_written_twice()
    {
        var count = await Repository.LoadAsync<CountAggregate>("count-1", Cancellation);
        count.Add(1);
        await Repository.SaveAsync(count, cancellationToken: Cancellation);
        await Repository.SaveAsync(count, cancellationToken: Cancellation);
        count.Add(2);
        await Repository.SaveAsync(count, cancellationToken: Cancellation);

        Assert.Equal((3, 2L), (count.Total, count.Version.Value));
        Assert.Equal(2, (await ReadAsync("count-1")).Count);
    }

    [Fact]
    public async Task Metadata_that_cannot_be_written_leaves_nothing_behind()
    {
        var lone = "lone" + '\udc00';
        foreach (var context in new[]
        {
            new CommandContext { Actor = lone },
            new CommandContext { CommandId = lone },
            new CommandContext { Custom = new Dictionary<string, string> { ["own"] = lone } },
            new CommandContext { Custom = new Dictionary<string, string> { [lone] = "own" } },
            new CommandContext { Custom = new Dictionary<string, string> { ["own"] = new('x', MaxEventBytes) } },
        })
        {
            await RefusesAsync<ArgumentException>(() => Repository.ExecuteAsync("count-1", Counter, 1, context, Cancellation));
        }
    }

    [Fact]
    public async Task An_unknown_event_type_is_named_with_its_place()
    {
        await AppendAsync("other-1", ExpectedVersion.NoStream, NewEvent());
        await AppendAsync("count-1", ExpectedVersion.NoStream, serializer.Serialize(new Counted(1)), NewEvent("forgotten"));

        var unknown = await Assert.ThrowsAsync<UnknownEventTypeException>(() => Repository.LoadAsync<CountAggregate>("count-1", Cancellation));

        Assert.Equal(("forgotten", "count-1", 2L, 3L), (unknown.EventType, unknown.Stream.Value, unknown.Version.Value, unknown.Position.Value));
    }

    [Theory]
    [InlineData("""{"by":"no number"}""")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("""{"by":99999999999}""")]
    public async Task A_stored_payload_that_does_not_fit_is_named_with_its_place(string json)
    {
        await AppendAsync("count-1", ExpectedVersion.NoStream, NewEvent("counted", json));

        var unreadable = await Assert.ThrowsAsync<EventSerializationException>(() => Repository.LoadAsync<CountAggregate>("count-1", Cancellation));

        Assert.Equal(("counted", new StreamName("count-1"), new LogPosition(1)), (unreadable.EventType, unreadable.Stream, unreadable.Position));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task A_stream_with_a_hole_is_never_folded(int hole)
    {
        await AppendAsync("count-1", ExpectedVersion.NoStream, [.. Enumerable.Range(1, 3).Select(by => serializer.Serialize(new Counted(by)))]);
        var store = new WatchedStore(Store) { Hole = new StreamVersion(hole) };
        var repository = new Repository(store, serializer);

        foreach (var load in new Func<Task>[]
        {
            () => repository.LoadAsync<CountAggregate>("count-1", Cancellation),
            () => repository.ExecuteAsync("count-1", Counter, 1, cancellationToken: Cancellation),
        })
        {
            var damage = await RefusesAsync<DamagedDataException>(load);
            Assert.Equal(("count-1", hole + 1L), (damage.Stream?.Value, damage.Position?.Value));
        }
    }

    [Fact]
    public async Task Events_that_cannot_be_written_leave_nothing_behind()
    {
        var types = new EventTypeRegistry().Add<Counted>().Add<Text>().Add<Cycle>();
        var repository = new Repository(Store, new EventSerializer(types));
        Task<CommandResult> Raise(object @event) =>
            repository.ExecuteAsync("odd-1", 0, (total, _) => total, _ => [new Counted(1), @event], cancellationToken: Cancellation);

        await RefusesAsync<InvalidOperationException>(() => Raise(new Unregistered()));
        await RefusesAsync<EventSerializationException>(() => Raise(new Text("lone" + '\ud800', [])));
        await RefusesAsync<EventSerializationException>(() => Raise(new Text("key", new Dictionary<string, string> { ["lone" + '\udc00'] = "" })));
        var cycle = new Cycle();
        cycle.Self = cycle;
        await RefusesAsync<EventSerializationException>(() => Raise(cycle));
        await RefusesAsync<ArgumentException>(() => Raise(new Text(new string('x', MaxEventBytes), [])));
        await RefusesAsync<ArgumentException>(() => Raise(null!));
    }

    [Fact]
    public async Task Strings_of_every_kind_come_back()
    {
        var registry = new EventTypeRegistry().Add<Text>();
        var repository = new Repository(Store, new EventSerializer(registry));
        var text = "\0\u0001\u007f\u2028\ufffd\uffff🎉größe'\"\\</script>" + string.Concat(Enumerable.Range(1, 0xD7FF).Where(c => c % 97 == 0).Select(c => (char)c));
        await repository.ExecuteAsync("text-1", 0, (total, _) => total, _ => [new Text(text, new() { [text] = text })], cancellationToken: Cancellation);

        var stored = (Text)(await repository.LoadAsync("text-1", new Fold<object>(() => 0, (_, @event) => @event), Cancellation)).State;

        Assert.Equal(text, stored.Value);
        Assert.Equal(text, stored.Map[text]);
    }

    [EventType("counted")]
    private sealed record Counted(int By);

    [EventType("text")]
    private sealed record Text(string Value, Dictionary<string, string> Map);

    [EventType("cycle")]
    private sealed class Cycle
    {
        public Cycle? Self { get; set; }
    }

    private sealed record Unregistered;

    private sealed class CountAggregate : Aggregate
    {
        public int Total { get; private set; }

        public void Add(int by) => Raise(new Counted(by));

        protected override void Apply(object @event) => Total += ((Counted)@event).By;
    }
}
