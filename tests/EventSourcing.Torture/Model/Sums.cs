using EventSourcing.PostgreSql;

namespace EventSourcing.Torture;

/// <summary>Free SQL: sums that run on, and the position of every event that was applied. No key forbids a second time.</summary>
internal sealed class Sums : PostgreSqlProjection
{
    private readonly int version;
    private readonly Func<Task> inside;

    public Sums(PostgreSqlEventStore store, int version, Func<Task> inside)
        : base("sums", store, version)
    {
        this.version = version;
        this.inside = inside;
        On<Moved>((moved, envelope, db) => ApplyAsync(envelope, moved.Amount, db));
        On<Closed>((_, envelope, db) => ApplyAsync(envelope, 0, db));
        On<Cleared>((_, envelope, db) => ApplyAsync(envelope, 0, db));
        On<Counted>((_, envelope, db) => ApplyAsync(envelope, 0, db));
    }

    protected override Task SetUpAsync(ProjectionTransaction transaction)
    {
        ArgumentNullException.ThrowIfNull(transaction);
        return transaction.ExecuteAsync("""
            create table if not exists sums (key text primary key, count bigint not null, sum bigint not null, chain bigint not null, version integer not null);
            create table if not exists applied (position bigint not null);
            """);
    }

    private async Task ApplyAsync(EventEnvelope envelope, long amount, ProjectionTransaction db)
    {
        await db.ExecuteAsync(
            """
            insert into sums values (@Stream, 1, @Amount, @Position % 1000000007, @Version)
            on conflict (key) do update set count = sums.count + 1, sum = sums.sum + excluded.sum,
              chain = (sums.chain * 1000003 + @Position) % 1000000007;
            insert into applied values (@Position)
            """,
            new { Stream = envelope.Stream.Value, Amount = amount, Position = envelope.Position.Value, Version = version });
        await inside();
    }
}
