namespace EventSourcing.PostgreSql;

/// <summary>A fresh schema with a store that takes events up to a size.</summary>
internal sealed class ConformanceDatabase : IAsyncDisposable
{
    private TestDatabase? database;

    public async Task<(IEventStore Store, ICheckpointStore Checkpoints)> CreateAsync(int maxEventBytes)
    {
        database = await TestDatabase.CreateAsync();
        var store = database.NewStore(maxEventBytes: maxEventBytes);
        return (store, new PostgreSqlCheckpointStore(store));
    }

    public ValueTask DisposeAsync() => database?.DisposeAsync() ?? ValueTask.CompletedTask;
}
