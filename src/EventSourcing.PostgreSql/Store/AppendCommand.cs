using Npgsql;
using NpgsqlTypes;

namespace EventSourcing.PostgreSql;

/// <summary>An append as the arguments of the SQL function, and its answer as a result.</summary>
internal static class AppendCommand
{
    private const short Stored = 0;
    private const short StoredAlready = 1;
    private const short Refused = 2;

    public static void Bind(AppendRequest request, NpgsqlParameterCollection parameters)
    {
        var streams = request.Streams.Count;
        var events = request.EventCount;
        var buckets = new short[streams];
        var names = new string[streams];
        var categories = new string[streams];
        var expected = new long[streams];
        var counts = new int[streams];
        var eventStreams = new int[events];
        var eventOffsets = new int[events];
        var ids = new Guid[events];
        var types = new string[events];
        var data = new ReadOnlyMemory<byte>[events];
        var metadata = new ReadOnlyMemory<byte>?[events];
        var next = 0;
        for (var i = 0; i < streams; i++)
        {
            var part = request.Streams[i];
            buckets[i] = StreamBucket.Of(part.Stream);
            names[i] = part.Stream.Value;
            categories[i] = part.Stream.Category;
            expected[i] = Code(part.Expected);
            counts[i] = part.Events.Count;
            for (var offset = 1; offset <= part.Events.Count; offset++, next++)
            {
                var written = part.Events[offset - 1];
                eventStreams[next] = i + 1;
                eventOffsets[next] = offset;
                ids[next] = written.Id;
                types[next] = written.Type;
                data[next] = written.Data;
                metadata[next] = written.Metadata.IsEmpty ? default(ReadOnlyMemory<byte>?) : written.Metadata;
            }
        }

        Add(parameters, buckets, NpgsqlDbType.Smallint);
        Add(parameters, names, NpgsqlDbType.Text);
        Add(parameters, categories, NpgsqlDbType.Text);
        Add(parameters, expected, NpgsqlDbType.Bigint);
        Add(parameters, counts, NpgsqlDbType.Integer);
        Add(parameters, eventStreams, NpgsqlDbType.Integer);
        Add(parameters, eventOffsets, NpgsqlDbType.Integer);
        Add(parameters, ids, NpgsqlDbType.Uuid);
        Add(parameters, types, NpgsqlDbType.Text);
        Add(parameters, data, NpgsqlDbType.Json);
        Add(parameters, metadata, NpgsqlDbType.Json);
    }

    /// <summary>The function's rows as a result.</summary>
    /// <exception cref="ConcurrencyConflictException">The function refused the append.</exception>
    public static async Task<AppendResult> ReadAsync(AppendRequest request, NpgsqlDataReader reader, CancellationToken cancellationToken)
    {
        var results = new StreamAppendResult[request.Streams.Count];
        var conflicts = new List<VersionConflict>();
        var last = LogPosition.Start;
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

            if (!reader.IsDBNull(2) && new LogPosition(reader.GetInt64(2)) is var position && position > last)
            {
                last = position;
            }
        }

        return conflicts.Count == 0
            ? new AppendResult(results, last, AlreadyStored: outcome == StoredAlready)
            : throw new ConcurrencyConflictException(conflicts);
    }

    public static long Code(ExpectedVersion expected) =>
        expected.IsExact ? expected.Version.Value : expected == ExpectedVersion.Any ? -1 : -2;

    public static void Add<T>(NpgsqlParameterCollection parameters, T[] values, NpgsqlDbType element) =>
        parameters.Add(new NpgsqlParameter<T[]> { TypedValue = values, NpgsqlDbType = NpgsqlDbType.Array | element });
}
