using EventSourcing.TestInfrastructure;
using Npgsql;

namespace EventSourcing.PostgreSql;

/// <summary>A server and its synchronous standby.</summary>
public sealed class ReplicatedPair : IAsyncLifetime
{
    private NpgsqlDataSource dataSource = null!;

    public PostgreSqlCluster Primary { get; private set; } = null!;

    public PostgreSqlCluster Standby { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        Primary = await PostgreSqlServer.StartDedicatedAsync(TestContext.Current.CancellationToken);
        Standby = await Primary.CreateStandbyAsync("standby", cancellationToken: TestContext.Current.CancellationToken);
        await Primary.SetSynchronousStandbysAsync("*", TestContext.Current.CancellationToken);
        dataSource = NpgsqlDataSource.Create(Primary.ConnectionString);
    }

    /// <summary>A store in a schema of its own.</summary>
    internal async Task<PostgreSqlEventStore> NewStoreAsync(bool isInline = false, NpgsqlDataSource? dataSource = null)
    {
        // Without notices: they would be commits that wait, too.
        var options = new PostgreSqlOptions { Schema = PostgreSqlServer.NewSchemaName(), Notifications = false };
        var store = new PostgreSqlEventStore(dataSource ?? this.dataSource, options);
        await store.Schema.InstallAsync(TestContext.Current.CancellationToken);
        if (isInline)
        {
            var projection = new CountProjection(store);
            store.UseInline(new InlineProjection(store, new EventSerializer(new EventTypeRegistry().Add<Counted>()), projection, projection));
        }

        return store;
    }

    /// <summary>Waits until a commit waits for the standby.</summary>
    public async Task WaitForWaitsAsync()
    {
        while (!await IsWaitingAsync())
        {
            await Task.Delay(10, TestContext.Current.CancellationToken);
        }
    }

    /// <summary>Cancels whatever waits for the standby, until it is enough; once at least.</summary>
    public async Task CancelWaitsAsync(Func<int, bool> isEnough)
    {
        await WaitForWaitsAsync();
        for (var i = 0; !isEnough(i); i++)
        {

            // A batch gathers behind what is alone.
            await Task.Delay(150, TestContext.Current.CancellationToken);
            await using var cancel = dataSource.CreateCommand("select pg_cancel_backend(pid) from pg_stat_activity where wait_event = 'SyncRep'");
            await cancel.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
        }
    }

    /// <summary>Waits until a session of the primary listens.</summary>
    internal async Task WaitForListenerAsync(string channel)
    {
        while (true)
        {
            await using var command = dataSource.CreateCommand($"select exists (select from pg_stat_activity where query = 'listen {channel}')");
            if ((bool)(await command.ExecuteScalarAsync(TestContext.Current.CancellationToken))!)
            {
                return;
            }

            await Task.Delay(20, TestContext.Current.CancellationToken);
        }
    }

    /// <summary>Waits until the standby shows what the primary has committed: it acknowledges what it has on its disk, which is earlier.</summary>
    public async Task WaitForReplayAsync()
    {
        while (true)
        {
            await using var command = dataSource.CreateCommand("select exists (select from pg_stat_replication where replay_lsn >= pg_current_wal_lsn())");
            if ((bool)(await command.ExecuteScalarAsync(TestContext.Current.CancellationToken))!)
            {
                return;
            }

            await Task.Delay(20, TestContext.Current.CancellationToken);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await dataSource.DisposeAsync();
        await Standby.DisposeAsync();
        await Primary.DisposeAsync();
    }

    private async Task<bool> IsWaitingAsync()
    {
        await using var command = dataSource.CreateCommand("select exists (select from pg_stat_activity where wait_event = 'SyncRep')");
        return (bool)(await command.ExecuteScalarAsync(TestContext.Current.CancellationToken))!;
    }
}
