using Npgsql;
using NpgsqlTypes;

namespace EventSourcing.PostgreSql;

/// <summary>An append to one stream as one plain statement, the cheapest form. No answer means: not as expected.</summary>
internal static class SingleAppend
{
    public static void Bind(StreamAppend part, NpgsqlParameterCollection parameters)
    {
        parameters.Add(new NpgsqlParameter<short> { TypedValue = StreamBucket.Of(part.Stream) });
        parameters.Add(new NpgsqlParameter<string> { TypedValue = part.Stream.Value });
        parameters.Add(new NpgsqlParameter<long> { TypedValue = part.Expected.IsExact ? part.Expected.Version.Value : 0 });
        parameters.Add(new NpgsqlParameter<long> { TypedValue = part.Events.Count });
        parameters.Add(new NpgsqlParameter<string> { TypedValue = part.Stream.Category });
        if (part.Events.Count > 1)
        {
            var columns = new EventColumns(part.Events.Count);
            columns.Add(part, stream: 1);
            columns.Bind(parameters);
            return;
        }

        var only = part.Events[0];
        parameters.Add(new NpgsqlParameter<int> { TypedValue = 1 });
        parameters.Add(new NpgsqlParameter<Guid> { TypedValue = only.Id });
        parameters.Add(new NpgsqlParameter<string> { TypedValue = only.Type });
        parameters.Add(new NpgsqlParameter<ReadOnlyMemory<byte>> { TypedValue = only.Data, NpgsqlDbType = NpgsqlDbType.Json });
        parameters.Add(only.Metadata.IsEmpty
            ? new NpgsqlParameter { Value = DBNull.Value, NpgsqlDbType = NpgsqlDbType.Json }
            : new NpgsqlParameter<ReadOnlyMemory<byte>> { TypedValue = only.Metadata, NpgsqlDbType = NpgsqlDbType.Json });
    }

    /// <summary>The result; null where the stream is not as expected and nothing was written.</summary>
    public static async Task<AppendResult?> ReadAsync(StreamAppend part, NpgsqlDataReader reader, CancellationToken cancellationToken)
    {
        var position = LogPosition.Start;
        var version = StreamVersion.None;
        while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            position = new LogPosition(reader.GetInt64(0));
            version = new StreamVersion(reader.GetInt64(1));
        }

        return position == LogPosition.Start ? null : new AppendResult([new StreamAppendResult(part.Stream, version)], position);
    }
}
