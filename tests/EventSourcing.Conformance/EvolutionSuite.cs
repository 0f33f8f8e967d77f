using System.Collections.Concurrent;
using System.Text;
using Xunit;

namespace EventSourcing.Conformance;

/// <summary>Stored events of older shapes, seen by everyone who reads events.</summary>
public abstract class EvolutionSuite : ConsumerSuite
{
    /// <summary>What the adapter keeps for reactors, beside the store.</summary>
    protected abstract ReactorState CreateState(IEventStore store);

    /// <summary>Where snapshots are kept beside a store.</summary>
    protected abstract ISnapshotStore CreateSnapshots(IEventStore store);

    /// <summary>Has appends apply a projection.</summary>
    protected virtual void Register(IInlineProjection projection)
    {
    }

    private static EventSerializer Lifting => Broken(isMended: true);

    /// <summary>Steps of which one fails, until it is mended.</summary>
    private static EventSerializer Broken(bool isMended)
    {
        var types = new EventTypeRegistry().Add<Named>().Add<Aged>();
        types.Upcasters
            .AddJsonMany(
                "broken",
                (payload, _) => isMended
                    ? [new EventJson("named", new() { ["name"] = (string?)payload["name"] }), new EventJson("aged", new() { ["age"] = 0 })]
                    : throw new InvalidOperationException("no idea"),
                "named",
                "aged")
            .AddJson("registered", "registered@2", (payload, context) => payload["by"] = context.Metadata.Actor)
            .AddJsonMany(
                "registered@2",
                (payload, _) => [new EventJson("named", new() { ["name"] = (string?)payload["name"] + "/" + (string?)payload["by"] }), new EventJson("aged", new() { ["age"] = (int?)payload["age"] })],
                "named",
                "aged")
            .AddJsonMany("noise", (_, _) => []);
        return new EventSerializer(types);
    }

    /// <summary>Steps that write down what they are told.</summary>
    private static EventSerializer Placing()
    {
        var types = new EventTypeRegistry().Add<Named>().Add<Renamed>();
        types.Upcasters
            .AddJson("registered", "named", (payload, context) => payload["name"] =
                $"{context.Version} {context.Position} {context.Id} {context.RecordedAt:O} {context.Metadata.Actor}")
            .AddJsonMany("registered@2", (_, _) => [])
            .AddJsonMany("noise", (_, _) => [])
            .Add<Renamed, Named>((old, context) => new Named($"{old.To} {context.Position}"));
        return new EventSerializer(types);
    }

    [Fact]
    public async Task An_aggregate_is_folded_from_what_they_are_by_now_cached_or_not()
    {
        await StoreOldAsync();
        var fold = new Fold<string>(() => string.Empty, (text, @event) => $"{text}{@event};");
        var repository = new Repository(Store, Lifting, cache: new StreamCacheOptions());
        for (var i = 0; i < 3; i++)
        {
            var loaded = await repository.LoadAsync("person-1", fold, Cancellation);
            Assert.Equal("Named { Name = ada/clerk };Aged { Age = 36 };Named { Name = bob/ };Aged { Age = 40 };", loaded.State);
            Assert.Equal(3, loaded.Version.Value);
        }

        await repository.ExecuteAsync("person-1", fold, _ => [new Aged(37)], cancellationToken: Cancellation);
        Assert.EndsWith("Aged { Age = 37 };", (await repository.LoadAsync("person-1", fold, Cancellation)).State, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_step_is_told_the_events_own_place_whether_it_is_cached_or_kept_in_a_snapshot_or_neither()
    {
        await StoreOldAsync();
        await AppendAsync("person-2", ExpectedVersion.Any, NewEvent());
        await StoreOldAsync();
        var serializer = Placing();
        var fold = new Fold<List<string>>(() => [], (list, @event) => [.. list, ((Named)@event).Name])
        {
            Snapshots = SnapshotPolicy.Of<List<string>>("places", 1, every: 4),
        };
        var expected = (await ReadAsync("person-1")).Where(one => one.Type == "registered")
            .Select(one => $"{one.Version} {one.Position} {one.Id} {one.RecordedAt:O} clerk").ToArray();
        var cached = new Repository(Store, serializer, cache: new StreamCacheOptions());
        var kept = new Repository(Store, serializer, snapshots: CreateSnapshots(Store));
        for (var i = 0; i < 3; i++)
        {
            Assert.Equal(expected, (await cached.LoadAsync("person-1", fold with { Snapshots = null }, Cancellation)).State);
            Assert.Equal(expected, (await kept.LoadAsync("person-1", fold, Cancellation)).State);
        }

        // One that is lifted is written, too, by who still has its class.
        var optimistic = new Repository(Store, serializer, cache: new StreamCacheOptions { IsOptimistic = true });
        await optimistic.LoadAsync("person-1", fold with { Snapshots = null }, Cancellation);
        var written = await optimistic.ExecuteAsync("person-1", fold with { Snapshots = null }, _ => [new Renamed("x"), new Renamed("y")], cancellationToken: Cancellation);
        for (var i = 0; i < 3; i++)
        {
            var state = (await optimistic.LoadAsync("person-1", fold with { Snapshots = null }, Cancellation)).State;
            Assert.Equal([.. expected, $"x {written.Position.Value - 1}", $"y {written.Position}"], state);
            await optimistic.ExecuteAsync("person-1", fold with { Snapshots = null }, seen => seen.SequenceEqual(state) ? [] : throw new InvalidOperationException(), cancellationToken: Cancellation);
        }
    }

    [Fact]
    public async Task A_view_is_given_all_that_is_made_of_one_event_in_order()
    {
        await StoreOldAsync();
        var serializer = Lifting;
        var (consumers, views) = Beside(serializer);
        var (all, inline) = (new Everything("everything"), new Everything("all_inline"));
        var bound = views.BindInline(inline);
        Register(bound);
        var runner = new ProjectionRunner(Store, serializer, [views.Bind(all), bound], Quick with { PageSize = 1 }, consumers);
        await BeginAsync(runner, consumers, "all_inline");
        await StoreOldAsync();
        await AppendAsync("noise-1", ExpectedVersion.Any, Old("noise", "{}"));

        var expected = new EverythingView("ada/clerk:0 36:1 bob/:0 40:1 ada/clerk:0 36:1 bob/:0 40:1 ");
        Assert.Equal(expected, await views.Open(inline).FindAsync("person-1", Cancellation));
        await runner.CatchUpAsync(Cancellation);
        Assert.Equal(expected, await views.Open(all).FindAsync("person-1", Cancellation));
        Assert.Equal(expected, await new LiveViews(Store, serializer).FoldAsync(all, "person-1", cancellationToken: Cancellation));
        Assert.Equal(await HeadAsync(), (await runner.GetStatusAsync(Cancellation)).First(status => status.Name == "everything").Position.Value);
    }

    [Fact]
    public async Task An_event_whose_step_fails_is_parked_alone_and_applied_whole_when_the_step_is_mended()
    {
        await StoreOldAsync();
        await AppendAsync("person-1", ExpectedVersion.Any, Old("broken", """{"name":"eve"}"""), Old("noise", "{}"));
        await StoreOldAsync();
        var parking = Quick with { OnPoison = PoisonAction.Park };
        var all = new Everything("everything");
        var state = CreateState(Store);
        var effects = new ConcurrentQueue<(string What, Guid Key)>();

        await new ProjectionRunner(Store, Broken(isMended: false), [Bound(all)], parking, Consumers, Letters).CatchUpAsync(Cancellation);
        await new ReactorRunner(Store, Broken(isMended: false), [new Greeter(effects)], state.Reactors, state.Consumers, state.Letters, options: parking).CatchUpAsync(Cancellation);

        var broken = (await ReadAsync("person-1")).Single(one => one.Type == "broken");
        var mended = Broken(isMended: true);
        var runner = new ProjectionRunner(Store, mended, [Bound(all)], parking, Consumers, Letters);
        var reactors = new ReactorRunner(Store, mended, [new Greeter(effects)], state.Reactors, state.Consumers, state.Letters, options: parking);
        var letter = Assert.Single(await runner.ListDeadLettersAsync("everything", Cancellation));
        var other = Assert.Single(await reactors.ListDeadLettersAsync("greeter", Cancellation));
        Assert.All([letter, other], one => Assert.Equal((broken.Id, broken.Position, "broken"), (one.EventId, one.Position, one.EventType)));
        Assert.Contains("the upcaster of 'broken' failed: no idea", letter.Error, StringComparison.Ordinal);
        Assert.Equal(8, effects.Count);
        Assert.Equal(4, (await Views.Open(all).FindAsync("person-1", Cancellation))!.Text.Split(":0").Length - 1);

        Assert.True(await runner.RetryDeadLetterAsync(letter, Cancellation));
        Assert.True(await reactors.RetryDeadLetterAsync(other, Cancellation));
        Assert.Equal(["eve", "0"], effects.Skip(8).Select(effect => effect.What));
        Assert.Equal(10, effects.Select(effect => effect.Key).Distinct().Count());
        Assert.Contains("40:1 eve:0 0:1 ada/clerk:0", (await Views.Open(all).FindAsync("person-1", Cancellation))!.Text, StringComparison.Ordinal);
        Assert.Empty(await runner.ListDeadLettersAsync("everything", Cancellation));
        Assert.Empty(await reactors.ListDeadLettersAsync("greeter", Cancellation));
    }

    [Fact]
    public async Task A_reactor_that_fails_at_the_second_of_them_runs_the_first_again_under_the_same_key()
    {
        await StoreOldAsync();
        var state = CreateState(Store);
        var effects = new ConcurrentQueue<(string What, Guid Key)>();
        var failing = new Greeter(effects, failAt: "36", times: 2);
        await new ReactorRunner(Store, Lifting, [failing], state.Reactors, state.Consumers, state.Letters, options: Quick).CatchUpAsync(Cancellation);

        Assert.Equal(["ada/clerk", "ada/clerk", "ada/clerk", "36", "bob/", "40"], effects.Select(effect => effect.What));
        Assert.Equal(4, effects.Distinct().Count());
        Assert.Equal(4, effects.Select(effect => effect.Key).Distinct().Count());
    }

    [Fact]
    public async Task A_message_for_the_public_is_made_of_each_with_an_id_of_its_own_that_stays()
    {
        await StoreOldAsync();
        var serializer = Lifting;
        var translator = new Publications();
        var messages = (await ReadLogAsync()).SelectMany(one => serializer.DeserializeAll(one)).SelectMany(translator.Translate).ToArray();
        var again = (await ReadLogAsync()).SelectMany(one => Lifting.DeserializeAll(one)).SelectMany(new Publications().Translate);

        Assert.Equal(["ada/clerk", "36", "bob/", "40"], messages.Select(message => message.Type));
        Assert.Equal(4, messages.Select(message => message.Id).Distinct().Count());
        Assert.Equal(messages.Select(message => message.Id), again.Select(message => message.Id));
    }

    [Fact]
    public async Task Nothing_is_stored_where_an_inline_view_cannot_read_what_is_appended()
    {
        var serializer = Broken(isMended: false);
        var (consumers, views) = Beside(serializer);
        var inline = views.BindInline(new Everything("all_inline"));
        Register(inline);
        await BeginAsync(new ProjectionRunner(Store, serializer, [inline], Quick, consumers), consumers, "all_inline");

        var refused = await RefusesAsync<EventSerializationException>(() =>
            AppendAsync("person-1", ExpectedVersion.Any, Old("registered@2", """{"name":"a","age":1}"""), Old("broken", "{}")));

        Assert.Equal("broken", refused.EventType);
        await AppendAsync("person-1", ExpectedVersion.Any, Old("registered@2", """{"name":"a","age":1}"""), Old("noise", "{}"));
    }

    [Fact]
    public async Task A_view_is_given_what_it_declares_of_them_async_inline_and_live()
    {
        await StoreOldAsync();
        var serializer = Lifting;
        var (consumers, views) = Beside(serializer);
        var (ages, inline) = (new Ages("ages"), new Ages("ages_inline"));
        var bound = views.BindInline(inline);
        Register(bound);
        var runner = new ProjectionRunner(Store, serializer, [views.Bind(ages), bound], Quick, consumers);
        await BeginAsync(runner, consumers, "ages_inline");
        await StoreOldAsync();

        var expected = new AgeView(152, 4);
        Assert.Equal(expected, await views.Open(inline).FindAsync("person-1", Cancellation));
        await runner.CatchUpAsync(Cancellation);
        Assert.Equal(expected, await views.Open(ages).FindAsync("person-1", Cancellation));
        Assert.Equal(expected, await views.Open(inline).FindAsync("person-1", Cancellation));
        Assert.Equal(expected, await new LiveViews(Store, serializer).FoldAsync(ages, "person-1", cancellationToken: Cancellation));
    }

    [Fact]
    public async Task A_reactor_handles_each_of_them_once_with_a_key_of_its_own()
    {
        await StoreOldAsync();
        var state = CreateState(Store);
        var effects = new ConcurrentQueue<(string What, Guid Key)>();
        for (var run = 0; run < 2; run++)
        {
            await new ReactorRunner(Store, Lifting, [new Greeter(effects)], state.Reactors, state.Consumers, state.Letters, options: Quick).CatchUpAsync(Cancellation);
        }

        Assert.Equal(["ada/clerk", "36", "bob/", "40"], effects.Select(effect => effect.What));
        Assert.Equal(4, effects.Select(effect => effect.Key).Distinct().Count());
    }

    [Fact]
    public async Task Raw_events_stay_as_they_are_stored()
    {
        await StoreOldAsync();

        Assert.Equal(["registered", "noise", "registered@2"], (await ReadAsync("person-1")).Select(recorded => recorded.Type));
    }

    /// <summary>Runs until appends apply the projection themselves.</summary>
    private static async Task BeginAsync(ProjectionRunner runner, IConsumerStore consumers, string inline)
    {
        using var stop = new CancellationTokenSource();
        var running = runner.RunAsync(stop.Token);
        await UntilAsync(async () => (await consumers.ReadAsync(cancellationToken: Cancellation)).Rows.Any(row => row.Key.Consumer == inline && row.IsInline));
        await EndAsync(stop, running);
    }

    private async Task StoreOldAsync() => await AppendAsync(
        "person-1",
        ExpectedVersion.Any,
        Old("registered", """{"name":"ada","age":36}""", """{"actor":"clerk"}"""),
        Old("noise", "{}"),
        Old("registered@2", """{"name":"bob","age":40,"by":null}"""));

    private static EventData Old(string type, string payload, string metadata = "") =>
        new(Guid.NewGuid(), type, Encoding.UTF8.GetBytes(payload), Encoding.UTF8.GetBytes(metadata));

    [EventType("named")]
    private sealed record Named(string Name);

    [EventType("aged")]
    private sealed record Aged(int Age);

    [EventType("renamed")]
    private sealed record Renamed(string To);

    private sealed record EverythingView(string Text);

    private sealed class Everything : ViewProjection<EverythingView>
    {
        public Everything(string name)
            : base(name)
        {
            On<Named>((view, named, context) => new EverythingView($"{view?.Text}{named.Name}:{context.Envelope.Part} "));
            On<Aged>((view, aged, context) => new EverythingView($"{view?.Text}{aged.Age}:{context.Envelope.Part} "));
        }
    }

    private sealed class Publications : MessageTranslator
    {
        public Publications()
            : base("publications")
        {
            On<Named>((named, envelope) => Message(envelope, "people", named.Name, named.Name));
            On<Aged>((aged, envelope) => Message(envelope, "people", $"{aged.Age}", aged.Age));
        }
    }

    private sealed record AgeView(int Sum, int Count);

    /// <summary>Wants one of the two events that are made of each.</summary>
    private sealed class Ages : ViewProjection<AgeView>
    {
        public Ages(string name)
            : base(name) => On<Aged>((view, aged, _) => new AgeView((view?.Sum ?? 0) + aged.Age, (view?.Count ?? 0) + 1));
    }

    private sealed class Greeter : Reactor
    {
        private int failures;

        public Greeter(ConcurrentQueue<(string What, Guid Key)> effects, string? failAt = null, int times = 0)
            : base("greeter", LogPosition.Start)
        {
            On<Named>((named, context) => Note(named.Name, context));
            On<Aged>((aged, context) => Note(aged.Age.ToString(System.Globalization.CultureInfo.InvariantCulture), context));

            Task Note(string what, ReactorContext context)
            {
                if (what == failAt && failures++ < times)
                {
                    throw new InvalidOperationException("not yet");
                }

                effects.Enqueue((what, context.IdempotencyId));
                return Task.CompletedTask;
            }
        }
    }
}
