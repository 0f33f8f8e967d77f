using EventSourcing.Conformance;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace EventSourcing.PostgreSql;

/// <summary>Fresh schemas with stores that take events up to a size.</summary>
internal sealed class ConformanceDatabase : IAsyncDisposable
{
    private readonly List<IAsyncDisposable> databases = [];

    /// <summary>For what a caller does in a transaction of its own.</summary>
    public NpgsqlDataSource DataSource => databases.OfType<TestDatabase>().Single().DataSource;

    /// <summary>The store as another process has it.</summary>
    public IEventStore CreateRival() => databases.OfType<TestDatabase>().Single().NewStore();

    public async Task<(IEventStore Store, ICheckpointStore Checkpoints)> CreateAsync(int maxEventBytes, int partitions = 1)
    {
        var database = await TestDatabase.CreateAsync(partitions);
        databases.Add(database);
        var store = database.NewStore(options => (options.MaxEventBytes, options.MaxAppendBytes) = (maxEventBytes, 100 * maxEventBytes));
        return (store, new PostgreSqlCheckpointStore(store));
    }

    /// <summary>The same, for a login that is nothing but a member of the application role.</summary>
    public async Task<(IEventStore Store, ICheckpointStore Checkpoints)> CreateAsApplicationAsync(int maxEventBytes, int partitions = 1)
    {
        var database = await RoleDatabase.CreateAsync(partitions);
        databases.Add(database);
        var store = database.StoreFor(await database.LoginAsync(database.Roles.Application), maxEventBytes);
        return (store, new PostgreSqlCheckpointStore(store));
    }

    public StreamLife LifeOf(IEventStore store, EventTypeRegistry types) => new(
        new PostgreSqlStreamMaintenance((PostgreSqlEventStore)store, types), new PostgreSqlSnapshotStore((PostgreSqlEventStore)store), CreateRival());

    public static ReactorState ReactorState(PostgreSqlEventStore store) =>
        new(new PostgreSqlReactorStore(store), new PostgreSqlConsumerStore(store), new PostgreSqlDeadLetterStore(store));

    /// <summary>What applications of several processes keep beside the events.</summary>
    public static void AddBeside(IServiceCollection services, PostgreSqlEventStore store)
    {
        var snapshots = new PostgreSqlSnapshotStore(store);
        services
            .AddSingleton<ISubjectKeyStore>(new PostgreSqlSubjectKeyStore(store))
            .AddSingleton<ISnapshotStore>(snapshots)
            .AddSingleton<ISnapshotInventory>(snapshots)
            .AddSingleton<IConsumerStore>(new PostgreSqlConsumerStore(store))
            .AddSingleton<IDeadLetterStore>(new PostgreSqlDeadLetterStore(store))
            .AddSingleton<IReactorStore>(new PostgreSqlReactorStore(store))
            .AddSingleton<IViewStore>(provider => new PostgreSqlViewStore(store, provider.GetRequiredService<EventSerializer>()));
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var database in databases)
        {
            await database.DisposeAsync();
        }
    }
}
