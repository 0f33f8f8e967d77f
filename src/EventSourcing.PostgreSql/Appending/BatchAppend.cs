using Npgsql;
using NpgsqlTypes;

namespace EventSourcing.PostgreSql;

/// <summary>The appends of several callers as the arguments of one call, each to a stream of its own.</summary>
internal static class BatchAppend
{
    public static void Bind(IReadOnlyList<StreamAppend> parts, NpgsqlParameterCollection parameters)
    {
        var streams = parts.Count;
        var buckets = new short[streams];
        var names = new string[streams];
        var expected = new long[streams];
        var counts = new int[streams];
        var lasts = new int[streams];
        var events = new EventColumns(parts.Sum(part => part.Events.Count));
        for (var i = 0; i < streams; i++)
        {
            var part = parts[i];
            buckets[i] = StreamBucket.Of(part.Stream);
            names[i] = part.Stream.Value;
            expected[i] = AppendCommand.Code(part.Expected);
            counts[i] = part.Events.Count;
            events.Add(part, i + 1);
            lasts[i] = events.Count;
        }

        EventColumns.Add(parameters, buckets, NpgsqlDbType.Smallint);
        EventColumns.Add(parameters, names, NpgsqlDbType.Text);
        EventColumns.Add(parameters, expected, NpgsqlDbType.Bigint);
        EventColumns.Add(parameters, counts, NpgsqlDbType.Integer);
        EventColumns.Add(parameters, lasts, NpgsqlDbType.Integer);
        events.BindWithStreams(parameters);
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
