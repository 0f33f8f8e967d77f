using Npgsql;
using NpgsqlTypes;

namespace EventSourcing.PostgreSql;

/// <summary>An append as the arguments of the SQL function, and its answer as a result.</summary>
internal static class AppendCommand
{
    private const short Stored = 0;
    private const short StoredAlready = 1;
    private const short Refused = 2;
    private const short Archived = 4;
    private const short Deleted = 5;

    public static void Bind(AppendRequest request, NpgsqlParameterCollection parameters)
    {
        var streams = request.Streams.Count;
        var buckets = new short[streams];
        var names = new string[streams];
        var expected = new long[streams];
        var counts = new int[streams];
        var events = new EventColumns(request.EventCount);
        for (var i = 0; i < streams; i++)
        {
            var part = request.Streams[i];
            buckets[i] = StreamBucket.Of(part.Stream);
            names[i] = part.Stream.Value;
            expected[i] = Code(part.Expected);
            counts[i] = part.Events.Count;
            events.Add(part, i + 1);
        }

        EventColumns.Add(parameters, buckets, NpgsqlDbType.Smallint);
        EventColumns.Add(parameters, names, NpgsqlDbType.Text);
        EventColumns.Add(parameters, expected, NpgsqlDbType.Bigint);
        EventColumns.Add(parameters, counts, NpgsqlDbType.Integer);
        events.BindWithStreams(parameters);
        EventColumns.Add(parameters, BoundaryKeys.Of(request), NpgsqlDbType.Integer);
        var items = new ConditionItems();
        items.Add(request.Condition, stream: 0);
        items.Bind(parameters);
    }

    /// <summary>The function's rows as a result.</summary>
    /// <exception cref="ConcurrencyConflictException">The function refused the append.</exception>
    /// <exception cref="StreamClosedException">It did, because a stream takes none.</exception>
    public static async Task<AppendResult> ReadAsync(AppendRequest request, NpgsqlDataReader reader, CancellationToken cancellationToken)
    {
        var results = new StreamAppendResult[request.Streams.Count];
        var conflicts = new List<VersionConflict>();
        var last = LogPosition.Start;
        LogPosition? unseen = null;
        StreamClosedException? closed = null;
        short outcome = Stored;
        for (var i = 0; await reader.ReadAsync(cancellationToken).ConfigureAwait(false); i++)
        {
            outcome = reader.GetInt16(0);
            var part = request.Streams[i];
            var version = new StreamVersion(reader.GetInt64(1));
            results[i] = new StreamAppendResult(part.Stream, version);
            if (outcome == Refused)
            {
                conflicts.Add(new VersionConflict(part.Stream, part.Expected, version));
            }
            else if (outcome is Archived or Deleted)
            {
                closed ??= new StreamClosedException(part.Stream, outcome == Archived ? StreamState.Archived : StreamState.Deleted);
            }

            if (!reader.IsDBNull(2) && new LogPosition(reader.GetInt64(2)) is var position && position > last)
            {
                last = position;
            }

            unseen = reader.IsDBNull(3) ? unseen : new LogPosition(reader.GetInt64(3));
        }

        if (closed is not null)
        {
            throw closed;
        }

        return conflicts.Count == 0 && unseen is null
            ? new AppendResult(results, last, AlreadyStored: outcome == StoredAlready)
            : throw new ConcurrencyConflictException(conflicts, unseen);
    }

    public static long Code(ExpectedVersion expected) =>
        expected.IsExact ? expected.Version.Value : expected == ExpectedVersion.Any ? -1 : -2;
}
