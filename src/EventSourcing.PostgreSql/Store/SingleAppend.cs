using Npgsql;
using NpgsqlTypes;

namespace EventSourcing.PostgreSql;

/// <summary>An append to one stream as one plain statement, the cheapest form. No answer means: not as expected.</summary>
internal static class SingleAppend
{
    public static string Statement(Sql sql, ExpectedVersion expected) =>
        expected == ExpectedVersion.NoStream ? sql.AppendToNew
        : expected == ExpectedVersion.Any ? sql.AppendToAny
        : expected == ExpectedVersion.StreamExists ? sql.AppendToExisting
        : sql.AppendAtVersion;

    public static void Bind(StreamAppend part, NpgsqlParameterCollection parameters)
    {
        var count = part.Events.Count;
        var nth = new int[count];
        var ids = new Guid[count];
        var types = new string[count];
        var data = new ReadOnlyMemory<byte>[count];
        var metadata = new ReadOnlyMemory<byte>?[count];
        for (var i = 0; i < count; i++)
        {
            var written = part.Events[i];
            nth[i] = i + 1;
            ids[i] = written.Id;
            types[i] = written.Type;
            data[i] = written.Data;
            metadata[i] = written.Metadata.IsEmpty ? default(ReadOnlyMemory<byte>?) : written.Metadata;
        }

        parameters.Add(new NpgsqlParameter<short> { TypedValue = StreamBucket.Of(part.Stream) });
        parameters.Add(new NpgsqlParameter<string> { TypedValue = part.Stream.Value });
        parameters.Add(new NpgsqlParameter<long> { TypedValue = part.Expected.IsExact ? part.Expected.Version.Value : 0 });
        parameters.Add(new NpgsqlParameter<long> { TypedValue = count });
        parameters.Add(new NpgsqlParameter<string> { TypedValue = part.Stream.Category });
        AppendCommand.Add(parameters, nth, NpgsqlDbType.Integer);
        AppendCommand.Add(parameters, ids, NpgsqlDbType.Uuid);
        AppendCommand.Add(parameters, types, NpgsqlDbType.Text);
        AppendCommand.Add(parameters, data, NpgsqlDbType.Json);
        AppendCommand.Add(parameters, metadata, NpgsqlDbType.Json);
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
