using System.Collections.Concurrent;

namespace EventSourcing.Conformance;

/// <summary>What the suites of reactors need: a shop whose effects are written down.</summary>
public abstract class ReactorFixture : StoreSuite
{
    private protected static readonly ConsumerOptions Quick = new()
    {
        FirstRetryDelay = TimeSpan.FromMilliseconds(1),
        LongestRetryDelay = TimeSpan.FromMilliseconds(5),
        LeaseTime = TimeSpan.FromMilliseconds(600),
        PageSize = 4,
        MaxAttempts = 3,
    };

    private ReactorState? state;

    private protected ConcurrentQueue<Effect> Effects { get; } = new();

    private protected EventSerializer Serializer { get; } =
        new(new EventTypeRegistry().Add<Ordered>().Add<Paid>().Add<Reminder>());

    private protected ReactorState State => state ??= CreateState(Store);

    /// <summary>What the adapter keeps for reactors, beside a store.</summary>
    protected abstract ReactorState CreateState(IEventStore store);

    private protected static async Task UntilAsync(Func<Task<bool>> isTrue)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        patience.CancelAfter(Patience);
        while (!await isTrue())
        {
            await Task.Delay(5, patience.Token);
        }
    }

    private protected static RunUnderWay Run(ReactorRunner runner) => new(runner.RunAsync);

    private protected ReactorRunner Runner(params Reactor[] shops) => Runner(shops, options: Quick);

    private protected ReactorRunner Runner(
        Reactor[] shops, ConsumerOptions? options = null, IReactorStore? reactors = null, ICommandDispatcher? commands = null) =>
        new(Store, Serializer, shops, reactors ?? State.Reactors, State.Consumers, State.Letters, commands, options ?? Quick);

    private protected async Task<LogPosition> OrderAsync(params int[] numbers) =>
        (await AppendAsync("order-1", ExpectedVersion.Any, [.. numbers.Select(number => Serializer.Serialize(new Ordered(number)))])).Position;

    private protected int[] Numbers(string what = "ordered") =>
        [.. Effects.Where(effect => effect.What == what).Select(effect => effect.Number)];
}
