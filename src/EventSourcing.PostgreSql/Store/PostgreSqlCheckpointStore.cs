using Npgsql;

namespace EventSourcing.PostgreSql;

/// <summary>Keeps checkpoints in the store's schema.</summary>
public sealed class PostgreSqlCheckpointStore : ICheckpointStore
{
    private readonly PostgreSqlEventStore store;

    /// <summary>Makes a checkpoint store beside an event store.</summary>
    /// <param name="store">The event store whose schema holds the checkpoints.</param>
    public PostgreSqlCheckpointStore(PostgreSqlEventStore store)
    {
        ArgumentNullException.ThrowIfNull(store);
        this.store = store;
    }

    /// <inheritdoc/>
    public Task<Checkpoint?> LoadAsync(string name, CancellationToken cancellationToken = default)
    {
        CheckpointName.ThrowIfInvalid(name);
        return PostgreSqlErrors.TranslateAsync(store.SchemaName, async () =>
        {
            var command = store.DataSource.CreateCommand($"select checkpoint from {store.SchemaName.Quoted}.checkpoints where name = $1");
            await using (command.ConfigureAwait(false))
            {
                command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = name });
                return await command.ExecuteScalarAsync(cancellationToken).ConfigureAwait(false) is string text
                    ? Checkpoint.Parse(text)
                    : (Checkpoint?)null;
            }
        });
    }

    /// <inheritdoc/>
    public Task SaveAsync(string name, Checkpoint checkpoint, CancellationToken cancellationToken = default)
    {
        CheckpointName.ThrowIfInvalid(name);
        return PostgreSqlErrors.TranslateAsync(store.SchemaName, async () =>
        {
            var command = store.DataSource.CreateCommand(
                $"""
                insert into {store.SchemaName.Quoted}.checkpoints (name, checkpoint) values ($1, $2)
                on conflict (name) do update set checkpoint = excluded.checkpoint, updated_at = clock_timestamp()
                """);
            await using (command.ConfigureAwait(false))
            {
                command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = name });
                command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = checkpoint.ToString() });
                return await command.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
            }
        });
    }
}
