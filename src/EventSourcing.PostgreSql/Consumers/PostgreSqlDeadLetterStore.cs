using Npgsql;

namespace EventSourcing.PostgreSql;

/// <summary>Shows the events that consumers have given up on, as kept in the store's schema.</summary>
public sealed class PostgreSqlDeadLetterStore : IDeadLetterStore
{
    private readonly PostgreSqlEventStore store;
    private readonly string letters;

    /// <summary>Makes one beside an event store.</summary>
    /// <param name="store">The event store whose schema holds the rows.</param>
    public PostgreSqlDeadLetterStore(PostgreSqlEventStore store)
    {
        ArgumentNullException.ThrowIfNull(store);
        this.store = store;
        letters = $"""
            {store.SchemaName.Quoted}.dead_letters d
            where not exists (
              select from {store.SchemaName.Quoted}.consumers c where c.name = d.consumer and c.generation = d.generation and not c.is_serving
            )
            """;
    }

    /// <inheritdoc/>
    public Task<IReadOnlyList<DeadLetter>> ListAsync(string consumer, CancellationToken cancellationToken = default)
    {
        CheckpointName.ThrowIfInvalid(consumer);
        return store.Session.ReadAsync<IReadOnlyList<DeadLetter>>(
            $"select position, event_id, stream_name, type, error, attempts, parked_at from {letters} and consumer = $1 order by position, generation",
            parameters => parameters.Add(new NpgsqlParameter<string> { TypedValue = consumer }),
            async row =>
            {
                var found = new List<DeadLetter>();
                while (await row.ReadAsync(cancellationToken).ConfigureAwait(false))
                {
                    found.Add(StoredRow.Read(row, Letter, one => $"The dead letter of '{consumer}' at position {one.GetInt64(0)}"));
                }

                return found;
            },
            cancellationToken);

        DeadLetter Letter(NpgsqlDataReader row) => new(
            consumer,
            new LogPosition(row.GetInt64(0)),
            row.GetGuid(1),
            row.GetString(2),
            row.GetString(3),
            row.GetString(4),
            row.GetInt32(5),
            row.GetFieldValue<DateTimeOffset>(6));
    }

    /// <inheritdoc/>
    public Task<bool> RemoveAsync(string consumer, LogPosition position, CancellationToken cancellationToken = default)
    {
        CheckpointName.ThrowIfInvalid(consumer);
        return store.Session.ReadAsync(
            $"delete from {letters} and consumer = $1 and position = $2",
            parameters =>
            {
                parameters.Add(new NpgsqlParameter<string> { TypedValue = consumer });
                parameters.Add(new NpgsqlParameter<long> { TypedValue = position.Value });
            },
            row => Task.FromResult(row.RecordsAffected > 0),
            cancellationToken);
    }

    /// <inheritdoc/>
    public Task<IReadOnlyList<DeadLetterCount>> CountAsync(CancellationToken cancellationToken = default) =>
        store.Session.ReadAsync<IReadOnlyList<DeadLetterCount>>(
            $"select consumer, count(*), min(parked_at) from {letters} group by consumer order by consumer",
            _ => { },
            async row =>
            {
                var found = new List<DeadLetterCount>();
                while (await row.ReadAsync(cancellationToken).ConfigureAwait(false))
                {
                    found.Add(new DeadLetterCount(row.GetString(0), row.GetInt64(1), row.GetFieldValue<DateTimeOffset>(2)));
                }

                return found;
            },
            cancellationToken);
}
