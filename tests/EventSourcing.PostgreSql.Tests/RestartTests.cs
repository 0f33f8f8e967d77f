using System.Collections.Concurrent;
using EventSourcing.TestInfrastructure;
using Npgsql;

namespace EventSourcing.PostgreSql;

/// <summary>The database goes away in the middle, in order or by a crash, and comes back.</summary>
public sealed class RestartTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Appends_subscriptions_and_projections_go_on_by_themselves(bool isCrash)
    {
        await using var cluster = await PostgreSqlServer.StartDedicatedAsync(Cancellation);
        await using var dataSource = NpgsqlDataSource.Create(cluster.ConnectionString);
        using var store = new PostgreSqlEventStore(dataSource);
        await store.Schema.InstallAsync(Cancellation);
        var serializer = new EventSerializer(new EventTypeRegistry().Add<Counted>());
        var projection = new CountProjection(store);
        var runner = new ProjectionRunner(store, serializer, [projection], consumers: new PostgreSqlConsumerStore(store));
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        var running = runner.RunAsync(stop.Token);
        var seen = new ConcurrentQueue<long>();
        var subscribing = Task.Run(
            async () =>
            {
                await foreach (var message in store.SubscribeAsync(cancellationToken: stop.Token))
                {
                    if (message is EventReceived received)
                    {
                        seen.Enqueue(received.Event.Position.Value);
                    }
                }
            },
            Cancellation);

        var first = await store.AppendAsync("count-1", ExpectedVersion.NoStream, [serializer.Serialize(new Counted(1))], Cancellation);
        await runner.WaitForAsync("counts", first.Position, Cancellation).WaitAsync(TimeSpan.FromSeconds(60), Cancellation);
        await cluster.StopAsync(isCrash, Cancellation);
        var down = () => store.AppendAsync("count-1", ExpectedVersion.At(1), [serializer.Serialize(new Counted(2))], Cancellation);
        await down.Should().ThrowAsync<Exception>();
        await cluster.StartAsync(Cancellation);

        var second = await AppendWhenUpAsync(store, serializer.Serialize(new Counted(3)));
        await runner.WaitForAsync("counts", second.Position, Cancellation).WaitAsync(TimeSpan.FromSeconds(60), Cancellation);

        (await projection.TotalAsync(dataSource)).Should().Be(4);
        var until = DateTime.UtcNow.AddSeconds(60);
        while (seen.Count < 2 && DateTime.UtcNow < until)
        {
            await Task.Delay(10, Cancellation);
        }

        await stop.CancelAsync();
        await running;
        await FluentActions.Awaiting(() => subscribing).Should().ThrowAsync<OperationCanceledException>();
        seen.Should().HaveCount(2).And.BeInAscendingOrder();
    }

    private static async Task<AppendResult> AppendWhenUpAsync(PostgreSqlEventStore store, EventData data)
    {
        while (true)
        {
            try
            {
                return await store.AppendAsync("count-1", ExpectedVersion.At(1), [data], Cancellation);
            }
            catch (Exception passing) when (passing is EventStoreUnavailableException or AppendOutcomeUnknownException)
            {
                await Task.Delay(50, Cancellation);
            }
        }
    }
}
