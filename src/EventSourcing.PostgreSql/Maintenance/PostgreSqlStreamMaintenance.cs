using System.Runtime.CompilerServices;
using Npgsql;
using NpgsqlTypes;

namespace EventSourcing.PostgreSql;

/// <summary>Archives, truncates and deletes streams, for logins of the maintainer role: by functions that an administrator may call, too.</summary>
public sealed class PostgreSqlStreamMaintenance : IStreamMaintenance
{
    private readonly PostgreSqlEventStore store;
    private readonly EventTypeRegistry types;
    private readonly MaintenanceSql sql;

    /// <summary>Makes it beside an event store.</summary>
    /// <param name="store">The store, whose login is a maintainer's.</param>
    /// <param name="types">Knows which events are summaries.</param>
    public PostgreSqlStreamMaintenance(PostgreSqlEventStore store, EventTypeRegistry types)
    {
        ArgumentNullException.ThrowIfNull(store);
        ArgumentNullException.ThrowIfNull(types);
        this.store = store;
        this.types = types;
        sql = new MaintenanceSql(store.SchemaName);
    }

    /// <inheritdoc/>
    public Task<StreamInfo> ArchiveAsync(StreamName stream, MaintenanceNote note, CancellationToken cancellationToken = default) =>
        RunAsync(stream, sql.Archive, note, _ => { }, before: 0, cancellationToken);

    /// <inheritdoc/>
    public Task<StreamInfo> RestoreAsync(StreamName stream, MaintenanceNote note, CancellationToken cancellationToken = default) =>
        RunAsync(stream, sql.Restore, note, _ => { }, before: 0, cancellationToken);

    /// <inheritdoc/>
    public async Task<StreamInfo> TruncateAsync(
        StreamName stream,
        StreamVersion before,
        StreamStandIn standIn,
        MaintenanceNote note,
        bool evenUnread = false,
        CancellationToken cancellationToken = default)
    {
        if (!Enum.IsDefined(standIn))
        {
            throw new ArgumentOutOfRangeException(nameof(standIn), standIn, "What stands in is a summary or a snapshot.");
        }

        var truncated = await RunAsync(
            stream,
            sql.Truncate,
            note,
            parameters =>
            {
                parameters.Add(new NpgsqlParameter<long> { TypedValue = before.Value });
                parameters.Add(new NpgsqlParameter<short> { TypedValue = (short)standIn });
                parameters.Add(new NpgsqlParameter { Value = types.StoredNamesOf(typeof(IStreamSummary)).ToArray(), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Text });
                parameters.Add(new NpgsqlParameter<bool> { TypedValue = evenUnread });
            },
            before.Value,
            cancellationToken).ConfigureAwait(false);
        store.OnRemoved();
        return truncated;
    }

    /// <inheritdoc/>
    public async Task<StreamInfo> DeleteAsync(
        StreamName stream, MaintenanceNote note, bool evenUnread = false, CancellationToken cancellationToken = default)
    {
        var deleted = await RunAsync(
            stream,
            sql.Delete,
            note,
            parameters => parameters.Add(new NpgsqlParameter<bool> { TypedValue = evenUnread }),
            before: long.MaxValue,
            cancellationToken).ConfigureAwait(false);
        store.OnRemoved();
        return deleted;
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<StreamOperation> ReadOperationsAsync(
        StreamName? stream = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var found = await ReadAllAsync(
            sql.Operations,
            parameters => parameters.Add(new NpgsqlParameter { Value = (object?)stream?.Value ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Text }),
            row => new StreamOperation(
                row.GetFieldValue<DateTimeOffset>(0),
                (StreamOperationKind)row.GetInt16(1),
                row.GetString(2),
                new StreamVersion(row.GetInt64(3)),
                new StreamVersion(row.GetInt64(4)),
                row.GetInt64(5),
                row.GetBoolean(6),
                new MaintenanceNote(row.GetString(7), row.GetString(8)),
                row.GetString(9)),
            cancellationToken).ConfigureAwait(false);
        foreach (var operation in found)
        {
            yield return operation;
        }
    }

    private async Task<StreamInfo> RunAsync(
        StreamName stream, string statement, MaintenanceNote note, Action<NpgsqlParameterCollection> bind, long before, CancellationToken cancellationToken)
    {
        _ = stream.Value;
        ArgumentNullException.ThrowIfNull(note);
        while (true)
        {
            var (outcome, found) = await OnceAsync(stream, statement, note, bind, cancellationToken).ConfigureAwait(false);
            switch (outcome)
            {
                case "done":
                    return found!;
                case "deleted":
                    throw new StreamClosedException(stream, StreamState.Deleted);
                case "missing":
                    throw new ArgumentException($"There is no stream '{stream}'.", nameof(stream));
                case "outside":
                    throw MaintenanceRefusals.OutOfStream(found!, new StreamVersion(before));
                case "no summary":
                    throw MaintenanceRefusals.NoSummary(stream, new StreamVersion(before));
                case "no snapshot":
                    throw MaintenanceRefusals.NoSnapshot(stream, new StreamVersion(before));
            }

            // Who has read on in the meantime is not named; where nobody is left, there is nothing against it any more.
            if (await UnreadAsync(stream, before, cancellationToken).ConfigureAwait(false) is { } unread)
            {
                throw unread;
            }
        }
    }

    // Each may be repeated, as a read may: what is done already is left as it is.
    private async Task<(string Outcome, StreamInfo? Found)> OnceAsync(
        StreamName stream, string statement, MaintenanceNote note, Action<NpgsqlParameterCollection> bind, CancellationToken cancellationToken)
    {
        try
        {
            return await store.Session.ReadAsync(
                statement,
                parameters =>
                {
                    parameters.Add(new NpgsqlParameter<string> { TypedValue = stream.Value });
                    bind(parameters);
                    parameters.Add(new NpgsqlParameter<string> { TypedValue = note.Actor });
                    parameters.Add(new NpgsqlParameter<string> { TypedValue = note.Reason });
                },
                async row =>
                {
                    await row.ReadAsync(cancellationToken).ConfigureAwait(false);
                    return (row.GetString(0), row.IsDBNull(1) ? null : StreamInfoRow.Read(row, stream, first: 1));
                },
                cancellationToken).ConfigureAwait(false);
        }
        catch (PostgresException refused) when (refused.SqlState == PostgresErrorCodes.InsufficientPrivilege)
        {
            throw new UnauthorizedAccessException(
                "Streams are archived, restored, truncated and deleted by the maintainer role alone, and the login of this store is no member of it: "
                + "do it from a tool that connects as a maintainer, not from the application.",
                refused);
        }
    }

    private async Task<UnreadEventsException?> UnreadAsync(StreamName stream, long before, CancellationToken cancellationToken)
    {
        var last = LogPosition.Start;
        var unread = await ReadAllAsync(
            sql.UnreadBy,
            parameters =>
            {
                parameters.Add(new NpgsqlParameter<short> { TypedValue = StreamBucket.Of(stream) });
                parameters.Add(new NpgsqlParameter<string> { TypedValue = stream.Value });
                parameters.Add(new NpgsqlParameter<long> { TypedValue = before });
            },
            row =>
            {
                last = new LogPosition(row.GetInt64(0));
                return new UnreadBy(row.GetString(1), new LogPosition(row.GetInt64(2)), row.GetBoolean(3));
            },
            cancellationToken).ConfigureAwait(false);
        return unread.Count == 0 ? null : new UnreadEventsException(stream, last, unread);
    }

    private Task<List<T>> ReadAllAsync<T>(
        string statement, Action<NpgsqlParameterCollection> bind, Func<NpgsqlDataReader, T> read, CancellationToken cancellationToken) => store.Session.ReadAsync(
        statement,
        bind,
        async row =>
        {
            var all = new List<T>();
            while (await row.ReadAsync(cancellationToken).ConfigureAwait(false))
            {
                all.Add(read(row));
            }

            return all;
        },
        cancellationToken);
}
