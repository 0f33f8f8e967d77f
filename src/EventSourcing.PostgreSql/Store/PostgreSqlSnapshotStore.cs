using Npgsql;
using NpgsqlTypes;

namespace EventSourcing.PostgreSql;

/// <summary>Keeps snapshots in the store's schema.</summary>
public sealed class PostgreSqlSnapshotStore : ISnapshotStore, ISnapshotInventory
{
    private readonly PostgreSqlEventStore store;

    /// <summary>Makes a snapshot store beside an event store.</summary>
    /// <param name="store">The event store whose schema holds the snapshots.</param>
    public PostgreSqlSnapshotStore(PostgreSqlEventStore store)
    {
        ArgumentNullException.ThrowIfNull(store);
        this.store = store;
    }

    /// <inheritdoc/>
    public Task<StoredSnapshot?> LoadAsync(StreamName stream, string name, CancellationToken cancellationToken = default)
    {
        _ = stream.Value;
        CheckpointName.ThrowIfInvalid(name);
        return store.Session.ReadAsync(
            $"""
            select schema_version, version, position, state
            from {store.SchemaName.Quoted}.snapshots
            where bucket = $1 and stream_name = $2 and name = $3
            """,
            parameters => Key(parameters, stream, name),
            async row => await row.ReadAsync(cancellationToken).ConfigureAwait(false)
                ? new StoredSnapshot(
                    stream,
                    name,
                    row.GetInt32(0),
                    new StreamVersion(row.GetInt64(1)),
                    new LogPosition(row.GetInt64(2)),
                    row.GetFieldValue<byte[]>(3))
                : null,
            cancellationToken);
    }

    /// <inheritdoc/>
    public Task SaveAsync(StoredSnapshot snapshot, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(snapshot);
        CheckpointName.ThrowIfInvalid(snapshot.Name);
        return store.Session.ReadAsync(
            $"""
            insert into {store.SchemaName.Quoted}.snapshots as s (bucket, stream_name, name, schema_version, version, position, state)
            select $1, $2, $3, $4, $5, $6, $7
            where not exists (select from {store.SchemaName.Quoted}.streams d where d.bucket = $1 and d.name = $2 and d.state = 2)
            on conflict (bucket, stream_name, name) do update
            set schema_version = excluded.schema_version, version = excluded.version, position = excluded.position,
              state = excluded.state, taken_at = excluded.taken_at
            where (s.schema_version, s.version) < (excluded.schema_version, excluded.version)
            """,
            parameters =>
            {
                Key(parameters, snapshot.Stream, snapshot.Name);
                parameters.Add(new NpgsqlParameter<int> { TypedValue = snapshot.SchemaVersion });
                parameters.Add(new NpgsqlParameter<long> { TypedValue = snapshot.Version.Value });
                parameters.Add(new NpgsqlParameter<long> { TypedValue = snapshot.Position.Value });
                parameters.Add(new NpgsqlParameter<ReadOnlyMemory<byte>> { TypedValue = snapshot.State, NpgsqlDbType = NpgsqlDbType.Json });
            },
            _ => Task.FromResult(true),
            cancellationToken);
    }

    /// <inheritdoc/>
    public Task<IReadOnlyList<KeptSnapshot>> FindAsync(IReadOnlyCollection<StreamName> streams, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(streams);
        return store.Session.ReadAsync<IReadOnlyList<KeptSnapshot>>(
            $"""
            select s.stream_name, s.name, s.version
            from unnest($1::smallint[], $2::text[]) wanted (bucket, name)
            join {store.SchemaName.Quoted}.snapshots s on s.bucket = wanted.bucket and s.stream_name = wanted.name
            """,
            parameters =>
            {
                parameters.Add(new NpgsqlParameter<short[]> { TypedValue = [.. streams.Select(StreamBucket.Of)] });
                parameters.Add(new NpgsqlParameter<string[]> { TypedValue = [.. streams.Select(stream => stream.Value)] });
            },
            async row =>
            {
                var found = new List<KeptSnapshot>();
                while (await row.ReadAsync(cancellationToken).ConfigureAwait(false))
                {
                    found.Add(new KeptSnapshot(row.GetString(0), row.GetString(1), new StreamVersion(row.GetInt64(2))));
                }

                return found;
            },
            cancellationToken);
    }

    /// <inheritdoc/>
    public Task<bool> DeleteAsync(StreamName stream, string name, CancellationToken cancellationToken = default)
    {
        _ = stream.Value;
        CheckpointName.ThrowIfInvalid(name);
        return store.Session.ReadAsync(
            $"delete from {store.SchemaName.Quoted}.snapshots where bucket = $1 and stream_name = $2 and name = $3",
            parameters => Key(parameters, stream, name),
            row => Task.FromResult(row.RecordsAffected > 0),
            cancellationToken);
    }

    private static void Key(NpgsqlParameterCollection parameters, StreamName stream, string name)
    {
        parameters.Add(new NpgsqlParameter<short> { TypedValue = StreamBucket.Of(stream) });
        parameters.Add(new NpgsqlParameter<string> { TypedValue = stream.Value });
        parameters.Add(new NpgsqlParameter<string> { TypedValue = name });
    }
}
