using Npgsql;

namespace EventSourcing.PostgreSql;

public sealed class UnreachableServerTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_call_says_that_the_server_cannot_be_reached()
    {
        await using var nowhere = NpgsqlDataSource.Create("Host=127.0.0.1;Port=1;Username=nobody;Timeout=2");
        using var store = new PostgreSqlEventStore(nowhere, new PostgreSqlOptions { MaxAttempts = 2 });
        Func<Task>[] calls =
        [
            () => store.Schema.InstallAsync(Cancellation),
            () => store.AppendAsync("a-1", ExpectedVersion.Any, [Events.New()], Cancellation),
            () => store.AppendAsync("a-1", ExpectedVersion.NoStream, [Events.New()], Cancellation),
            () => store.ReadStreamAsync("a-1", cancellationToken: Cancellation).CountAsync(Cancellation).AsTask(),
            () => store.ReadLogAsync(new LogReadOptions(), Cancellation),
            () => store.GetHeadAsync(Cancellation),
            () => store.SubscribeAsync(cancellationToken: Cancellation).FirstAsync(Cancellation).AsTask(),
            () => new PostgreSqlCheckpointStore(store).LoadAsync("a", Cancellation),
        ];

        foreach (var call in calls)
        {
            (await call.Should().ThrowAsync<EventStoreUnavailableException>()).Which.Message.Should().Contain("connection string");
        }
    }
}
