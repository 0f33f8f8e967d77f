using System.Data.Common;
using Npgsql;

namespace EventSourcing.PostgreSql;

/// <summary>Keeps the keys of subjects in the store's schema, in a table of their own.</summary>
public sealed class PostgreSqlSubjectKeyStore : ISubjectKeyStore
{
    private readonly PostgreSqlEventStore store;
    private readonly string load;
    private readonly string add;
    private readonly string forget;
    private readonly string find;
    private readonly string replace;

    /// <summary>Makes a key store beside an event store.</summary>
    /// <param name="store">The event store whose schema holds the keys.</param>
    public PostgreSqlSubjectKeyStore(PostgreSqlEventStore store)
    {
        ArgumentNullException.ThrowIfNull(store);
        this.store = store;
        var quoted = store.SchemaName.Quoted;
        load = $"select subject, wrapped_key, master_key from {quoted}.subject_keys where subject = any ($1)";
        add = $"""
            insert into {quoted}.subject_keys (subject, wrapped_key, master_key)
            select made.subject, made.wrapped_key, made.master_key
            from unnest($1::text[], $2::bytea[], $3::text[]) made (subject, wrapped_key, master_key)
            order by made.subject collate "C"
            on conflict (subject) do nothing
            """;
        forget = $"select {quoted}.forget_subject($1)";
        find = $"select subject, wrapped_key, master_key from {quoted}.subject_keys where master_key <> $1 limit $2";
        replace = $"""
            update {quoted}.subject_keys set wrapped_key = $4, master_key = $5
            where subject = $1 and wrapped_key = $2 and master_key = $3
            """;
    }

    /// <inheritdoc/>
    public Task<IReadOnlyList<StoredSubjectKey>> LoadAsync(IReadOnlyCollection<string> subjects, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(subjects);
        return store.Session.ReadAsync(load, parameters => Bind(parameters, subjects), rows => KeysAsync(rows, cancellationToken), cancellationToken);
    }

    /// <inheritdoc/>
    public IReadOnlyList<StoredSubjectKey> Load(IReadOnlyCollection<string> subjects)
    {
        ArgumentNullException.ThrowIfNull(subjects);
        return Blocking(connection => Load(connection, subjects));
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<StoredSubjectKey>> AddAsync(IReadOnlyCollection<StoredSubjectKey> keys, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(keys);
        await store.Session.ReadAsync(add, parameters => Bind(parameters, keys), _ => Task.FromResult(true), cancellationToken).ConfigureAwait(false);

        // A statement of its own: it sees what others have added while the first one waited for them.
        return await LoadAsync([.. keys.Select(key => key.Subject)], cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public IReadOnlyList<StoredSubjectKey> Add(IReadOnlyCollection<StoredSubjectKey> keys)
    {
        ArgumentNullException.ThrowIfNull(keys);
        return Blocking(connection =>
        {
            using (var command = new NpgsqlCommand(add, connection))
            {
                Bind(command.Parameters, keys);
                command.ExecuteNonQuery();
            }

            return Load(connection, [.. keys.Select(key => key.Subject)]);
        });
    }

    /// <inheritdoc/>
    public Task<bool> ForgetAsync(string subject, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(subject);
        return store.Session.ReadAsync(
            forget,
            parameters => parameters.Add(new NpgsqlParameter<string> { TypedValue = subject }),
            async row => await row.ReadAsync(cancellationToken).ConfigureAwait(false) && row.GetBoolean(0),
            cancellationToken);
    }

    /// <inheritdoc/>
    public Task<IReadOnlyList<StoredSubjectKey>> FindWrappedByOthersAsync(string masterKeyId, int maxCount, CancellationToken cancellationToken = default) =>
        store.Session.ReadAsync(
            find,
            parameters =>
            {
                parameters.Add(new NpgsqlParameter<string> { TypedValue = masterKeyId });
                parameters.Add(new NpgsqlParameter<int> { TypedValue = maxCount });
            },
            rows => KeysAsync(rows, cancellationToken),
            cancellationToken);

    /// <inheritdoc/>
    public Task<bool> ReplaceAsync(StoredSubjectKey before, StoredSubjectKey after, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(before);
        ArgumentNullException.ThrowIfNull(after);
        return before.Key is not { } old || after.Key is not { } wrapped
            ? Task.FromResult(false)
            : store.Session.ReadAsync(
                replace,
                parameters =>
                {
                    parameters.Add(new NpgsqlParameter<string> { TypedValue = before.Subject });
                    parameters.Add(new NpgsqlParameter<byte[]> { TypedValue = old.Bytes.ToArray() });
                    parameters.Add(new NpgsqlParameter<string> { TypedValue = old.MasterKeyId });
                    parameters.Add(new NpgsqlParameter<byte[]> { TypedValue = wrapped.Bytes.ToArray() });
                    parameters.Add(new NpgsqlParameter<string> { TypedValue = wrapped.MasterKeyId });
                },
                row => Task.FromResult(row.RecordsAffected > 0),
                cancellationToken);
    }

    private List<StoredSubjectKey> Load(NpgsqlConnection connection, IReadOnlyCollection<string> subjects)
    {
        using var command = new NpgsqlCommand(load, connection);
        Bind(command.Parameters, subjects);
        using var rows = command.ExecuteReader();
        var keys = new List<StoredSubjectKey>();
        while (rows.Read())
        {
            keys.Add(Key(rows));
        }

        return keys;
    }

    /// <summary>Runs statements that may be repeated, without anything to await: once more after a connection was lost that had been idle.</summary>
    private T Blocking<T>(Func<NpgsqlConnection, T> work)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                using var connection = Connecting.Open(store.DataSource);
                return work(connection);
            }
            catch (Exception failure) when (attempt < store.Session.MaxAttempts && PostgreSqlErrors.IsTransient(failure))
            {
                store.DataSource.Clear();
                Thread.Sleep(TimeSpan.FromMilliseconds(20 << Math.Min(attempt - 1, 6)));
            }
            catch (Exception failure) when (PostgreSqlErrors.Translate(failure, store.SchemaName) is { } translated)
            {
                throw translated;
            }
        }
    }

    private static void Bind(NpgsqlParameterCollection parameters, IReadOnlyCollection<string> subjects) =>
        parameters.Add(new NpgsqlParameter<string[]> { TypedValue = [.. subjects] });

    private static void Bind(NpgsqlParameterCollection parameters, IReadOnlyCollection<StoredSubjectKey> keys)
    {
        StoredSubjectKey[] made = [.. keys.Where(key => key.Key is not null)];
        parameters.Add(new NpgsqlParameter<string[]> { TypedValue = [.. made.Select(key => key.Subject)] });
        parameters.Add(new NpgsqlParameter<byte[][]> { TypedValue = [.. made.Select(key => key.Key!.Bytes.ToArray())] });
        parameters.Add(new NpgsqlParameter<string[]> { TypedValue = [.. made.Select(key => key.Key!.MasterKeyId)] });
    }

    private static async Task<IReadOnlyList<StoredSubjectKey>> KeysAsync(NpgsqlDataReader rows, CancellationToken cancellationToken)
    {
        var keys = new List<StoredSubjectKey>();
        while (await rows.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            keys.Add(Key(rows));
        }

        return keys;
    }

    private static StoredSubjectKey Key(DbDataReader row) => new(
        row.GetString(0), row.IsDBNull(1) ? null : new WrappedKey(row.GetString(2), row.GetFieldValue<byte[]>(1)));
}
