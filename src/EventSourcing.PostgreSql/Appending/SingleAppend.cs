using Npgsql;
using NpgsqlTypes;

namespace EventSourcing.PostgreSql;

/// <summary>An append to one stream under no condition, the cheapest form. No answer means: not as expected.</summary>
internal static class SingleAppend
{
    /// <summary>Whether it is one event without tags, for which there is a shorter function yet.</summary>
    public static bool IsShortest(StreamAppend part) => part.Events.Count == 1 && part.Events[0].Tags.Count == 0;

    public static void Bind(AppendRequest request, NpgsqlParameterCollection parameters)
    {
        var part = request.Streams[0];
        parameters.Add(new NpgsqlParameter<short> { TypedValue = StreamBucket.Of(part.Stream) });
        parameters.Add(new NpgsqlParameter<string> { TypedValue = part.Stream.Value });
        parameters.Add(new NpgsqlParameter<long> { TypedValue = AppendCommand.Code(part.Expected) });
        parameters.Add(new NpgsqlParameter<string> { TypedValue = part.Stream.Category });
        if (!IsShortest(part))
        {
            var columns = new EventColumns(part.Events.Count);
            columns.Add(part, stream: 1);
            columns.Bind(parameters);
            EventColumns.Add(parameters, BoundaryKeys.Of(request), NpgsqlDbType.Integer);
            return;
        }

        var only = part.Events[0];
        parameters.Add(new NpgsqlParameter<Guid> { TypedValue = only.Id });
        parameters.Add(new NpgsqlParameter<string> { TypedValue = only.Type });
        parameters.Add(new NpgsqlParameter<ReadOnlyMemory<byte>> { TypedValue = only.Data, NpgsqlDbType = NpgsqlDbType.Json });
        parameters.Add(only.Metadata.IsEmpty
            ? new NpgsqlParameter { Value = DBNull.Value, NpgsqlDbType = NpgsqlDbType.Json }
            : new NpgsqlParameter<ReadOnlyMemory<byte>> { TypedValue = only.Metadata, NpgsqlDbType = NpgsqlDbType.Json });
        parameters.Add(new NpgsqlParameter<int> { TypedValue = BoundaryKeys.OfType(only.Type) });
    }

    /// <summary>The result; null where the stream is not as expected and nothing was written.</summary>
    public static async Task<AppendResult?> ReadAsync(StreamAppend part, NpgsqlDataReader reader, CancellationToken cancellationToken)
    {
        return await reader.ReadAsync(cancellationToken).ConfigureAwait(false)
            ? new AppendResult([new StreamAppendResult(part.Stream, new StreamVersion(reader.GetInt64(0)))], new LogPosition(reader.GetInt64(1)))
            : null;
    }
}
