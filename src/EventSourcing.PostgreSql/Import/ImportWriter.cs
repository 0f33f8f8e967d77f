using Npgsql;
using NpgsqlTypes;

namespace EventSourcing.PostgreSql;

/// <summary>
/// Stores one batch of an import in one transaction, in the phases of every append: a key that excludes decisions by what it brings;
/// rows for new streams, then the locks of the others, both in one order for everybody; expectations; then the append lock, positions,
/// and the events by binary COPY.
/// </summary>
internal sealed class ImportWriter(ServerSession session, Sql sql)
{
    private readonly ImportStatements statements = new(session, sql.Schema);

    private readonly string createStreams = $"""
        insert into {sql.Schema.Quoted}.streams as s (bucket, name, version)
        select e.bucket, e.name, e.version
        from unnest($1::smallint[], $2::text[], $3::bigint[]) as e (bucket, name, version)
        order by e.bucket, e.name collate "C"
        on conflict (bucket, name) do nothing
        returning s.name, s.stream_id
        """;

    private readonly string lockStreams = $"""
        select s.name, s.stream_id, s.version, s.state
        from unnest($1::smallint[], $2::text[]) as e (bucket, name)
        join {sql.Schema.Quoted}.streams s on s.bucket = e.bucket and s.name = e.name
        order by s.bucket, s.name
        for no key update of s
        """;

    private readonly string storedIds = $"""
        select e.ord, s.event_id
        from unnest($1::smallint[], $2::bigint[], $3::bigint[], $4::bigint[]) with ordinality as e (bucket, id, low, high, ord)
        join {sql.Schema.Quoted}.log s on s.bucket = e.bucket and s.stream_id = e.id and s.version > e.low and s.version <= e.high
        order by e.ord, s.version
        """;

    private readonly string takePositions = $"select array_agg(nextval('{sql.Schema.Quoted}.event_position')) from generate_series(1, $1)";

    private readonly ImportCopy copy = new(sql.Schema, withTimes: false);

    /// <summary>Stores what is not stored yet.</summary>
    /// <param name="batch">The batch.</param>
    /// <param name="turn">Told when the batch has its positions, and asked when it may be committed.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>How many events it has stored, and the position of the last.</returns>
    /// <exception cref="ConcurrencyConflictException">A stream is neither as expected nor as this batch would leave it.</exception>
    /// <exception cref="StreamClosedException">A stream is archived or deleted.</exception>
    public async Task<(int Stored, LogPosition? Position)> WriteAsync(
        ImportBatch batch, ImportTurn turn, CancellationToken cancellationToken)
    {
        var connection = await session.OpenAsync(cancellationToken).ConfigureAwait(false);
        await using (connection.ConfigureAwait(false))
        {
            var transaction = await connection.BeginTransactionAsync(cancellationToken).ConfigureAwait(false);
            await using (transaction.ConfigureAwait(false))
            {
                await statements.TakeKeysAsync(connection, turn, cancellationToken).ConfigureAwait(false);
                await FindStreamsAsync(connection, batch, cancellationToken).ConfigureAwait(false);
                var missing = await MissingAsync(connection, batch, cancellationToken).ConfigureAwait(false);
                if (missing.Count == 0)
                {
                    // Committed all the same: that waits until what was found is where a commit of its own would be.
                    await ReplicatedCommit.CommitAsync(transaction, cancellationToken).ConfigureAwait(false);
                    return (0, null);
                }

                var last = await InsertAsync(connection, missing, turn, cancellationToken).ConfigureAwait(false);
                var moved = missing.Select(part => part.Stream).Where(stream => !stream.IsNew).Distinct();
                await statements.MoveStreamsAsync(connection, [.. moved.Select(stream => (stream.Bucket, stream.Name, stream.To))], cancellationToken).ConfigureAwait(false);
                await turn.BeforeCommitAsync().ConfigureAwait(false);
                await ReplicatedCommit.CommitAsync(transaction, cancellationToken).ConfigureAwait(false);
                return (missing.Sum(part => part.Part.Events.Count), last);
            }
        }
    }

    private async Task FindStreamsAsync(NpgsqlConnection connection, ImportBatch batch, CancellationToken cancellationToken)
    {
        var byName = batch.Streams.ToDictionary(stream => stream.Name.Value, StringComparer.Ordinal);
        foreach (var stream in batch.Streams)
        {
            // From an earlier attempt, which was rolled back.
            (stream.Id, stream.Version, stream.State, stream.IsNew) = (0, 0, StreamState.Open, false);
        }

        var begun = batch.Streams.Where(stream => stream.From == 0).ToList();
        await statements.ReadAsync(
            connection,
            createStreams,
            [
                ImportStatements.Values(begun.Select(stream => stream.Bucket), NpgsqlDbType.Smallint),
                ImportStatements.Values(begun.Select(stream => stream.Name.Value), NpgsqlDbType.Text),
                ImportStatements.Values(begun.Select(stream => stream.To), NpgsqlDbType.Bigint),
            ],
            row =>
            {
                var stream = byName[row.GetString(0)];
                (stream.Id, stream.IsNew) = (row.GetInt64(1), true);
            },
            cancellationToken).ConfigureAwait(false);

        var others = batch.Streams.Where(stream => !stream.IsNew).ToList();
        await statements.ReadAsync(
            connection,
            lockStreams,
            [
                ImportStatements.Values(others.Select(stream => stream.Bucket), NpgsqlDbType.Smallint),
                ImportStatements.Values(others.Select(stream => stream.Name.Value), NpgsqlDbType.Text),
            ],
            row =>
            {
                var stream = byName[row.GetString(0)];
                (stream.Id, stream.Version, stream.State) = (row.GetInt64(1), row.GetInt64(2), (StreamState)row.GetInt16(3));
            },
            cancellationToken).ConfigureAwait(false);
    }

    /// <summary>The parts that are to be stored; those that are stored already are left out.</summary>
    private async Task<List<(StreamAppend Part, ImportStream Stream)>> MissingAsync(
        NpgsqlConnection connection, ImportBatch batch, CancellationToken cancellationToken)
    {
        var behind = batch.Parts.Where(part => part.Part.Expected.Version.Value < part.Stream.Version).ToList();
        var stored = behind.ConvertAll(_ => new List<Guid>());
        if (behind.Count > 0)
        {
            await statements.ReadAsync(
                connection,
                storedIds,
                [
                    ImportStatements.Values(behind.Select(part => part.Stream.Bucket), NpgsqlDbType.Smallint),
                    ImportStatements.Values(behind.Select(part => part.Stream.Id), NpgsqlDbType.Bigint),
                    ImportStatements.Values(behind.Select(part => part.Part.Expected.Version.Value), NpgsqlDbType.Bigint),
                    ImportStatements.Values(behind.Select(part => part.Part.Expected.Version.Value + part.Part.Events.Count), NpgsqlDbType.Bigint),
                ],
                row => stored[(int)row.GetInt64(0) - 1].Add(row.GetGuid(1)),
                cancellationToken).ConfigureAwait(false);
        }

        var repeated = behind.Where((part, i) => stored[i].SequenceEqual(part.Part.Events.Select(data => data.Id))).ToHashSet();
        var missing = new List<(StreamAppend Part, ImportStream Stream)>(batch.Parts.Count);
        var conflicts = new List<VersionConflict>();
        var reached = batch.Streams.ToDictionary(stream => stream, stream => stream.Version);
        foreach (var part in batch.Parts)
        {
            if (repeated.Contains(part))
            {
                continue;
            }

            if (part.Stream.State != StreamState.Open)
            {
                throw new StreamClosedException(part.Part.Stream, part.Stream.State);
            }

            if (part.Part.Expected.Version.Value != reached[part.Stream])
            {
                conflicts.Add(new VersionConflict(part.Part.Stream, part.Part.Expected, new StreamVersion(reached[part.Stream])));
                continue;
            }

            reached[part.Stream] += part.Part.Events.Count;
            missing.Add(part);
        }

        return conflicts.Count == 0 ? missing : throw new ConcurrencyConflictException(conflicts);
    }

    private async Task<LogPosition> InsertAsync(
        NpgsqlConnection connection, List<(StreamAppend Part, ImportStream Stream)> parts, ImportTurn turn, CancellationToken cancellationToken)
    {
        // From here on a reader that meets a missing position waits for this transaction. Only then, by a statement of its own,
        // positions.
        long[] positions = [];
        await statements.TakeAppendLockAsync(connection, cancellationToken).ConfigureAwait(false);
        await statements.ReadAsync(
            connection,
            takePositions,
            [new NpgsqlParameter<int> { TypedValue = parts.Sum(part => part.Part.Events.Count) }],
            row => positions = row.GetFieldValue<long[]>(0),
            cancellationToken).ConfigureAwait(false);

        turn.HasPositions();
        await copy.WriteAsync(connection, Rows(parts, positions), cancellationToken).ConfigureAwait(false);
        return new LogPosition(positions[^1]);
    }

    private static List<ImportRow> Rows(List<(StreamAppend Part, ImportStream Stream)> parts, long[] positions)
    {
        var rows = new List<ImportRow>(positions.Length);
        foreach (var (part, stream) in parts)
        {
            var version = part.Expected.Version.Value;
            var category = part.Stream.Category;
            foreach (var data in part.Events)
            {
                rows.Add(new ImportRow
                {
                    Position = positions[rows.Count],
                    Stream = stream.Name,
                    Category = category,
                    Bucket = stream.Bucket,
                    StreamId = stream.Id,
                    Version = ++version,
                    Id = data.Id,
                    Type = data.Type,
                    Data = data.Data,
                    Metadata = data.Metadata,
                    Tags = data.Tags,
                });
            }
        }

        return rows;
    }
}
