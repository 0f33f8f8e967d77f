using Xunit;

namespace EventSourcing.Conformance;

/// <summary>What the suites of projections by key need: orders, runners as in several processes, and patience.</summary>
public abstract class ConsumerSuite : StoreSuite
{
    internal static readonly ConsumerOptions Quick = new()
    {
        FirstRetryDelay = TimeSpan.FromMilliseconds(1),
        LongestRetryDelay = TimeSpan.FromMilliseconds(20),
        PageSize = 4,
        MaxAttempts = 3,
        LeaseTime = TimeSpan.FromSeconds(1),
    };

    private (IConsumerStore Consumers, IViewStore Views)? both;

    private protected EventSerializer Serializer { get; } = new(new EventTypeRegistry()
        .Add<OrderPlaced>().Add<OrderPaid>().Add<OrderForgotten>().Add<CustomersGreeted>());

    /// <summary>What processes agree on, and where views are kept, beside the test's store.</summary>
    protected abstract (IConsumerStore Consumers, IViewStore Views) Beside(EventSerializer serializer);

    /// <summary>What <see cref="Beside"/> has made for this test.</summary>
    protected IConsumerStore Consumers => Both.Consumers;

    private protected IViewStore Views => Both.Views;

    /// <summary>The events that were given up, beside <see cref="Consumers"/>.</summary>
    protected abstract IDeadLetterStore Letters { get; }

    private (IConsumerStore Consumers, IViewStore Views) Both => both ??= Beside(Serializer);

    private protected ProjectionRunner Runner(params IProjection[] projections) => Runner(Quick, projections);

    private protected ProjectionRunner Runner(ConsumerOptions options, params IProjection[] projections) =>
        new(Store, Serializer, projections, options, Consumers, Letters);

    private protected IProjection Bound<TView>(ViewProjection<TView> projection)
        where TView : class => Views.Bind(projection);

    private protected async Task<Dictionary<string, TView>> AllAsync<TView>(ViewProjection<TView> projection)
        where TView : class =>
        await Views.Open(projection).ReadAllAsync(Cancellation).ToDictionaryAsync(view => view.Key, view => view.Value, cancellationToken: Cancellation);

    private protected async Task<LogPosition> WriteAsync(string stream, params object[] events) =>
        (await AppendAsync(stream, ExpectedVersion.Any, [.. events.Select(one => Serializer.Serialize(one))])).Position;

    private protected Task<LogPosition> PlaceAsync(int order, decimal total = 10, string customer = "ada") =>
        WriteAsync($"order-{order}", new OrderPlaced(customer, total));

    private protected static async Task UntilAsync(Func<Task<bool>> isTrue)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        patience.CancelAfter(Patience);
        while (!await isTrue())
        {
            await Task.Delay(5, patience.Token);
        }
    }

    private protected static async Task EndAsync(CancellationTokenSource stop, params Task[] running)
    {
        await stop.CancelAsync();
        await Task.WhenAll(running).WaitAsync(Patience, Cancellation);
    }

    private protected async Task<ConsumerStatus> StatusAsync(ProjectionRunner runner, string name, ConsumerRole role = ConsumerRole.Serving) =>
        Assert.Single(await runner.GetStatusAsync(Cancellation), status => status.Name == name && status.Role == role);
}
