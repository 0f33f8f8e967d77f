using Npgsql;
using NpgsqlTypes;

namespace EventSourcing.PostgreSql;

/// <summary>The appends of several callers as the arguments of one call, each to a stream of its own.</summary>
internal static class BatchAppend
{
    public static void Bind(IReadOnlyList<StreamAppend> parts, NpgsqlParameterCollection parameters)
    {
        var streams = parts.Count;
        var events = parts.Sum(part => part.Events.Count);
        var buckets = new short[streams];
        var names = new string[streams];
        var expected = new long[streams];
        var counts = new int[streams];
        var lasts = new int[streams];
        var eventStreams = new int[events];
        var eventOffsets = new int[events];
        var ids = new Guid[events];
        var categories = new string[events];
        var types = new string[events];
        var data = new ReadOnlyMemory<byte>[events];
        var metadata = new ReadOnlyMemory<byte>?[events];
        var next = 0;
        for (var i = 0; i < streams; i++)
        {
            var part = parts[i];
            var category = part.Stream.Category;
            buckets[i] = StreamBucket.Of(part.Stream);
            names[i] = part.Stream.Value;
            expected[i] = AppendCommand.Code(part.Expected);
            counts[i] = part.Events.Count;
            for (var offset = 1; offset <= part.Events.Count; offset++, next++)
            {
                var written = part.Events[offset - 1];
                eventStreams[next] = i + 1;
                eventOffsets[next] = offset;
                ids[next] = written.Id;
                categories[next] = category;
                types[next] = written.Type;
                data[next] = written.Data;
                metadata[next] = written.Metadata.IsEmpty ? default(ReadOnlyMemory<byte>?) : written.Metadata;
            }

            lasts[i] = next;
        }

        AppendCommand.Add(parameters, buckets, NpgsqlDbType.Smallint);
        AppendCommand.Add(parameters, names, NpgsqlDbType.Text);
        AppendCommand.Add(parameters, expected, NpgsqlDbType.Bigint);
        AppendCommand.Add(parameters, counts, NpgsqlDbType.Integer);
        AppendCommand.Add(parameters, lasts, NpgsqlDbType.Integer);
        AppendCommand.Add(parameters, eventStreams, NpgsqlDbType.Integer);
        AppendCommand.Add(parameters, eventOffsets, NpgsqlDbType.Integer);
        AppendCommand.Add(parameters, ids, NpgsqlDbType.Uuid);
        AppendCommand.Add(parameters, categories, NpgsqlDbType.Text);
        AppendCommand.Add(parameters, types, NpgsqlDbType.Text);
        AppendCommand.Add(parameters, data, NpgsqlDbType.Json);
        AppendCommand.Add(parameters, metadata, NpgsqlDbType.Json);
    }

    /// <summary>By part: its result, or null where it was not stored.</summary>
    public static async Task<AppendResult?[]> ReadAsync(
        IReadOnlyList<StreamAppend> parts, NpgsqlDataReader reader, CancellationToken cancellationToken)
    {
        var results = new AppendResult?[parts.Count];
        while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            var i = reader.GetInt32(0) - 1;
            var version = new StreamVersion(reader.GetInt64(1));
            results[i] = new AppendResult([new StreamAppendResult(parts[i].Stream, version)], new LogPosition(reader.GetInt64(2)));
        }

        return results;
    }
}
