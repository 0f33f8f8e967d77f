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
}
