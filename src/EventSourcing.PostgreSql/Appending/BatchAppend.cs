using Npgsql;
using NpgsqlTypes;

namespace EventSourcing.PostgreSql;

/// <summary>The appends of several callers as the arguments of one call, each to a stream of its own, none in a boundary of which another
/// excludes it.</summary>
internal static class BatchAppend
{
    public static void Bind(IReadOnlyList<WaitingAppend> appends, NpgsqlParameterCollection parameters)
    {
        var streams = appends.Count;
        var buckets = new short[streams];
        var names = new string[streams];
        var expected = new long[streams];
        var counts = new int[streams];
        var lasts = new int[streams];
        var events = new EventColumns(appends.Sum(append => append.Part.Events.Count));
        var items = new ConditionItems();
        for (var i = 0; i < streams; i++)
        {
            var part = appends[i].Part;
            buckets[i] = StreamBucket.Of(part.Stream);
            names[i] = part.Stream.Value;
            expected[i] = AppendCommand.Code(part.Expected);
            counts[i] = part.Events.Count;
            events.Add(part, i + 1);
            lasts[i] = events.Count;
            items.Add(appends[i].Request.Condition, i + 1);
        }

        EventColumns.Add(parameters, buckets, NpgsqlDbType.Smallint);
        EventColumns.Add(parameters, names, NpgsqlDbType.Text);
        EventColumns.Add(parameters, expected, NpgsqlDbType.Bigint);
        EventColumns.Add(parameters, counts, NpgsqlDbType.Integer);
        EventColumns.Add(parameters, lasts, NpgsqlDbType.Integer);
        events.BindWithStreams(parameters);
        EventColumns.Add(parameters, BoundaryKeys.Union(appends.Select(append => append.Keys)), NpgsqlDbType.Integer);
        items.BindWithStreams(parameters);
    }

    /// <summary>By append: its result, or null where it was not stored.</summary>
    public static async Task<AppendResult?[]> ReadAsync(
        IReadOnlyList<WaitingAppend> appends, NpgsqlDataReader reader, CancellationToken cancellationToken)
    {
        var results = new AppendResult?[appends.Count];
        while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            var i = reader.GetInt32(0) - 1;
            var version = new StreamVersion(reader.GetInt64(1));
            results[i] = new AppendResult([new StreamAppendResult(appends[i].Part.Stream, version)], new LogPosition(reader.GetInt64(2)));
        }

        return results;
    }
}
