using Npgsql;

namespace EventSourcing.PostgreSql;

[EventType("counted")]
internal sealed record Counted(int By);

/// <summary>Adds up: an event applied twice or not at all shows at once.</summary>
internal sealed class CountProjection : PostgreSqlProjection
{
    private readonly string table;

    public CountProjection(PostgreSqlEventStore store, string name = "counts", Func<Counted, Task>? before = null)
        : base(name, store)
    {
        table = $"{ReadModelSchema}.{name}";
        On<Counted>(async (counted, envelope, db) =>
        {
            await db.ExecuteAsync(
                $"insert into {name} (stream, total) values (@Stream, @By) on conflict (stream) do update set total = {name}.total + excluded.total",
                new { Stream = envelope.Stream.Value, counted.By });
            await (before?.Invoke(counted) ?? Task.CompletedTask);
        });
    }

    public async Task<long> TotalAsync(NpgsqlDataSource dataSource)
    {
        await using var command = dataSource.CreateCommand($"select coalesce(sum(total), 0)::bigint from {table}");
        return (long)(await command.ExecuteScalarAsync(TestContext.Current.CancellationToken))!;
    }

    protected override Task SetUpAsync(ProjectionTransaction transaction) =>
        transaction.ExecuteAsync($"create table if not exists {Name} (stream text primary key, total bigint not null)");
}
