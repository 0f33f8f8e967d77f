using System.Diagnostics;
using Npgsql;

namespace EventSourcing.PostgreSql;

/// <summary>Stores that share nothing but the database tell each other of appends, and find them even if they do not.</summary>
public sealed class NotificationTests : IAsyncLifetime
{
    private static readonly TimeSpan Never = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private TestDatabase database = null!;
    private NpgsqlDataSource otherSource = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private string Listeners => $"select count(*) from pg_stat_activity where query = 'listen {new SchemaName(database.SchemaName).Channel}'";

    public async ValueTask InitializeAsync()
    {
        database = await TestDatabase.CreateAsync();
        otherSource = NpgsqlDataSource.Create(database.ConnectionString);
    }

    public async ValueTask DisposeAsync()
    {
        await database.DisposeAsync();
        await otherSource.DisposeAsync();
    }

    [Fact]
    public async Task An_append_wakes_another_store_that_does_not_look_by_itself()
    {
        var other = Other(options => options.PollingInterval = Never);
        var waiting = other.WaitForAppendAsync(LogPosition.Start, Cancellation);
        await ListensAsync();
        waiting.IsCompleted.Should().BeFalse();

        await AppendAsync();

        await waiting.WaitAsync(Patience, Cancellation);
    }

    [Fact]
    public async Task The_last_of_many_appends_is_announced_too()
    {
        var other = Other(options => options.PollingInterval = Never);
        var seen = 0L;
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        var following = Task.Run(
            async () =>
            {
                await foreach (var message in other.SubscribeAsync(cancellationToken: stop.Token))
                {
                    if (message is EventReceived received)
                    {
                        Volatile.Write(ref seen, received.Event.Position.Value);
                    }
                }
            },
            Cancellation);
        await ListensAsync();
        for (var round = 0; round < 20; round++)
        {
            // Some of them fall into the pause after the first.
            var last = LogPosition.Start;
            for (var i = 0; i < 25; i++)
            {
                last = (await AppendAsync()).Position;
            }

            var until = DateTime.UtcNow + Patience;
            while (Volatile.Read(ref seen) < last.Value)
            {
                (DateTime.UtcNow < until).Should().BeTrue("the last append of round {0} is to be heard of", round);
                await Task.Delay(2, Cancellation);
            }
        }

        await stop.CancelAsync();
        await FluentActions.Awaiting(() => following).Should().ThrowAsync<OperationCanceledException>();
    }

    [Fact]
    public async Task With_notifications_off_nobody_listens_and_the_event_is_found_by_looking()
    {
        var other = Other(options => options.Notifications = false);
        var waiting = other.WaitForAppendAsync(LogPosition.Start, Cancellation);
        await Task.Delay(300, Cancellation);
        (await database.ScalarAsync<long>(Listeners)).Should().Be(0);

        await AppendAsync();

        await waiting.WaitAsync(Patience, Cancellation);
    }

    [Fact]
    public async Task An_append_in_a_callers_transaction_is_found_by_looking()
    {
        var other = Other(_ => { });
        var waiting = other.WaitForAppendAsync(LogPosition.Start, Cancellation);
        await ListensAsync();
        await using (var connection = await database.DataSource.OpenConnectionAsync(Cancellation))
        {
            await using var transaction = await connection.BeginTransactionAsync(Cancellation);
            await database.Store.AppendAsync(Events.To("a-1", ExpectedVersion.Any, Events.New()), transaction, Cancellation);
            await transaction.CommitAsync(Cancellation);
        }

        await waiting.WaitAsync(Patience, Cancellation);
    }

    [Fact]
    public async Task Behind_an_append_under_way_a_store_looks_again_soon_whatever_it_hears()
    {
        var other = Other(options => options.PollingInterval = Never);
        await using var connection = await database.DataSource.OpenConnectionAsync(Cancellation);
        await using var transaction = await connection.BeginTransactionAsync(Cancellation);
        await database.Store.AppendAsync(Events.To("a-1", ExpectedVersion.Any, Events.New()), transaction, Cancellation);
        var waiting = other.WaitForAppendAsync(LogPosition.Start, Cancellation);
        await ListensAsync();
        await AppendAsync();
        await Task.Delay(200, Cancellation);
        waiting.IsCompleted.Should().BeFalse();

        await transaction.CommitAsync(Cancellation);

        await waiting.WaitAsync(Patience, Cancellation);
    }

    [Fact]
    public async Task A_store_that_has_lost_its_listening_connection_listens_again()
    {
        var other = Other(options => options.PollingInterval = Never);
        var waiting = other.WaitForAppendAsync(LogPosition.Start, Cancellation);
        await ListensAsync();
        await database.ExecuteAsync(Listeners.Replace("count(*)", "pg_terminate_backend(pid)", StringComparison.Ordinal));
        await ListensAsync();
        waiting.IsCompleted.Should().BeFalse();

        await AppendAsync();

        await waiting.WaitAsync(Patience, Cancellation);
    }

    [Fact]
    public async Task A_connection_string_for_listening_that_leads_nowhere_leaves_the_looking()
    {
        var other = Other(options => options.ListenConnectionString = "Host=127.0.0.1;Port=1;Username=nobody;Timeout=1");
        var waiting = other.WaitForAppendAsync(LogPosition.Start, Cancellation);

        await AppendAsync();

        await waiting.WaitAsync(Patience, Cancellation);
    }

    [Fact]
    public void A_connection_string_for_listening_that_is_none_is_refused()
    {
        var make = () => Other(options => options.ListenConnectionString = "nonsense");

        make.Should().Throw<ArgumentException>();
    }

    [Fact]
    public async Task Listening_goes_over_its_own_connection_string_where_there_is_one()
    {
        var own = new NpgsqlConnectionStringBuilder(database.ConnectionString) { ApplicationName = "listens directly" };
        var other = Other(options => (options.PollingInterval, options.ListenConnectionString) = (Never, own.ConnectionString));
        var waiting = other.WaitForAppendAsync(LogPosition.Start, Cancellation);
        await ListensAsync();
        (await database.ScalarAsync<long>($"{Listeners} and application_name = 'listens directly'")).Should().Be(1);

        await AppendAsync();

        await waiting.WaitAsync(Patience, Cancellation);
    }

    [Fact]
    public async Task A_store_with_a_single_connection_can_follow_and_append()
    {
        await using var single = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(database.ConnectionString) { MaxPoolSize = 1 }.ConnectionString);
        var store = database.NewStore(_ => { }, dataSource: single);
        var waiting = store.WaitForAppendAsync(LogPosition.Start, Cancellation);
        await ListensAsync();

        for (var i = 0; i < 50; i++)
        {
            await store.AppendAsync($"order-{i}", ExpectedVersion.NoStream, [Events.New()], Cancellation).WaitAsync(Patience, Cancellation);
        }

        await waiting.WaitAsync(Patience, Cancellation);
        await store.DisposeAsync();
    }

    [Fact]
    public async Task A_store_that_only_appends_listens_to_nobody_and_says_little()
    {
        await using var listener = await otherSource.OpenConnectionAsync(Cancellation);
        var heard = 0;
        listener.Notification += (_, _) => heard++;
        await using (var listen = new NpgsqlCommand($"listen {new SchemaName(database.SchemaName).Channel}", listener))
        {
            await listen.ExecuteNonQueryAsync(Cancellation);
        }

        var watch = Stopwatch.StartNew();
        var count = 0;
        for (; watch.Elapsed < TimeSpan.FromSeconds(1) || count <= 100; count++)
        {
            await AppendAsync();
        }

        await database.Store.DisposeAsync();
        while (await listener.WaitAsync(200, Cancellation))
        {
        }

        // Fifty a second at most, however long it took; without a pause it is one for each append.
        heard.Should().BeInRange(1, 10 + (int)(50 * watch.Elapsed.TotalSeconds));
        (await database.ScalarAsync<long>(Listeners)).Should().Be(1, "only the test listens");
    }

    private PostgreSqlEventStore Other(Action<PostgreSqlOptions> configure) => database.NewStore(configure, dataSource: otherSource);

    private Task<AppendResult> AppendAsync() =>
        database.Store.AppendAsync($"order-{Guid.NewGuid():N}", ExpectedVersion.NoStream, [Events.New()], Cancellation);

    private async Task ListensAsync()
    {
        var until = DateTime.UtcNow + Patience;
        while (await database.ScalarAsync<long>(Listeners) == 0)
        {
            (DateTime.UtcNow < until).Should().BeTrue("the store should listen by now");
            await Task.Delay(5, Cancellation);
        }

        // Having begun to listen it looks once more; let that pass.
        await Task.Delay(200, Cancellation);
    }
}
