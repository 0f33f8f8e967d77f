using Npgsql;

namespace EventSourcing.PostgreSql;

/// <summary>The pool has no connection for anybody, because the application keeps them.</summary>
public sealed class ExhaustedPoolTests(TestDatabase database) : IClassFixture<TestDatabase>
{
    private const int Callers = 20;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_crowd_without_a_connection_is_told_that_nothing_was_stored()
    {
        var settings = new NpgsqlConnectionStringBuilder(database.DataSource.ConnectionString) { MaxPoolSize = 1, Timeout = 1 };
        await using var dataSource = NpgsqlDataSource.Create(settings.ConnectionString);
        await using var store = new PostgreSqlEventStore(dataSource, new PostgreSqlOptions { Schema = database.Store.SchemaName.Name, MaxAttempts = 2 });
        await using (await dataSource.OpenConnectionAsync(Cancellation))
        {
            var appends = Enumerable.Range(0, Callers).Select(i => store.AppendAsync($"pool-{i}", ExpectedVersion.Any, [Events.New()], Cancellation));
            foreach (var append in appends.ToArray())
            {
                // Nothing was sent, so nothing is unknown.
                var wait = () => append;
                await wait.Should().ThrowAsync<EventStoreUnavailableException>();
            }
        }

        await Task.WhenAll(Enumerable.Range(0, Callers).Select(i => store.AppendAsync($"pool-{i}", ExpectedVersion.NoStream, [Events.New()], Cancellation)));
    }

    [Fact]
    public async Task Many_stores_of_one_pool_that_each_look_again_and_again_leave_a_connection_for_everybody()
    {
        var settings = new NpgsqlConnectionStringBuilder(database.DataSource.ConnectionString) { MaxPoolSize = 8, Timeout = 2 };
        await using var dataSource = NpgsqlDataSource.Create(settings.ConnectionString);
        var options = new PostgreSqlOptions
        {
            Schema = database.Store.SchemaName.Name, MaxAttempts = 1, Notifications = false, PollingInterval = TimeSpan.FromMilliseconds(20),
        };
        var stores = Enumerable.Range(0, 16).Select(_ => new PostgreSqlEventStore(dataSource, options)).ToArray();
        var waiting = stores.Select(store => store.WaitForAppendAsync(new LogPosition(1_000_000), Cancellation)).ToArray();

        for (var i = 0; i < 60; i++)
        {
            await Task.Delay(50, Cancellation);
            await using var connection = await dataSource.OpenConnectionAsync(Cancellation);
        }

        waiting.Where(wait => wait.IsFaulted).Select(wait => wait.Exception!.InnerException!.Message).Should().BeEmpty();
        foreach (var store in stores)
        {
            await store.DisposeAsync();
        }

        await Task.WhenAll(waiting).ContinueWith(_ => { }, TaskScheduler.Default);
    }
}
