using System.Collections.Concurrent;
using System.Text;
using Xunit;

namespace EventSourcing.Conformance;

/// <summary>Stored events of older shapes, seen by everyone who reads events.</summary>
public abstract class EvolutionSuite : ConsumerSuite
{
    /// <summary>What the adapter keeps for reactors, beside the store.</summary>
    protected abstract ReactorState CreateState(IEventStore store);

    /// <summary>Has appends apply a projection.</summary>
    protected virtual void Register(IInlineProjection projection)
    {
    }

    private EventSerializer Lifting
    {
        get
        {
            var types = new EventTypeRegistry().Add<Named>().Add<Aged>();
            types.Upcasters
                .AddJson("registered", "registered@2", (payload, context) => payload["by"] = context.Metadata.Actor)
                .AddJsonMany(
                    "registered@2",
                    (payload, _) => [new EventJson("named", new() { ["name"] = (string?)payload["name"] + "/" + (string?)payload["by"] }), new EventJson("aged", new() { ["age"] = (int?)payload["age"] })],
                    "named",
                    "aged")
                .AddJsonMany("noise", (_, _) => []);
            return new EventSerializer(types);
        }
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
    public async Task A_view_is_given_what_it_declares_of_them_async_inline_and_live()
    {
        await StoreOldAsync();
        var serializer = Lifting;
        var (consumers, views) = Beside(serializer);
        var (ages, inline) = (new Ages("ages"), new Ages("ages_inline"));
        var bound = views.BindInline(inline);
        Register(bound);
        var runner = new ProjectionRunner(Store, serializer, [views.Bind(ages), bound], Quick, consumers);
        await runner.CatchUpAsync(Cancellation);
        await StoreOldAsync();
        await runner.CatchUpAsync(Cancellation);

        var expected = new AgeView(152, 4);
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

    private sealed record AgeView(int Sum, int Count);

    /// <summary>Wants one of the two events that are made of each.</summary>
    private sealed class Ages : ViewProjection<AgeView>
    {
        public Ages(string name)
            : base(name) => On<Aged>((view, aged, _) => new AgeView((view?.Sum ?? 0) + aged.Age, (view?.Count ?? 0) + 1));
    }

    private sealed class Greeter : Reactor
    {
        public Greeter(ConcurrentQueue<(string What, Guid Key)> effects)
            : base("greeter", LogPosition.Start)
        {
            On<Named>((named, context) => Note(named.Name, context));
            On<Aged>((aged, context) => Note(aged.Age.ToString(System.Globalization.CultureInfo.InvariantCulture), context));

            Task Note(string what, ReactorContext context)
            {
                effects.Enqueue((what, context.IdempotencyId));
                return Task.CompletedTask;
            }
        }
    }
}
