using Npgsql;
using NpgsqlTypes;

namespace EventSourcing.PostgreSql;

/// <summary>The events of an append as columns, which is how the statements take them.</summary>
internal sealed class EventColumns(int count)
{
    private readonly int[] streams = new int[count];
    private readonly int[] offsets = new int[count];
    private readonly Guid[] ids = new Guid[count];
    private readonly string[] categories = new string[count];
    private readonly string[] types = new string[count];
    private readonly ReadOnlyMemory<byte>[] data = new ReadOnlyMemory<byte>[count];
    private readonly ReadOnlyMemory<byte>?[] metadata = new ReadOnlyMemory<byte>?[count];
    private string?[]? tags;

    /// <summary>How many events have been added.</summary>
    public int Count { get; private set; }

    /// <summary>Adds the events of a stream's part.</summary>
    /// <param name="part">The part.</param>
    /// <param name="stream">The stream's number in the append, from 1.</param>
    public void Add(StreamAppend part, int stream)
    {
        var category = part.Stream.Category;
        for (var i = 0; i < part.Events.Count; i++, Count++)
        {
            var written = part.Events[i];
            streams[Count] = stream;
            offsets[Count] = i + 1;
            ids[Count] = written.Id;
            categories[Count] = category;
            types[Count] = written.Type;
            data[Count] = written.Data;
            metadata[Count] = Stored(written.Metadata);
            if (written.Tags.Count > 0)
            {
                (tags ??= new string?[count])[Count] = ArrayText.Of(written.Tags.Select(tag => tag.Value));
            }
        }
    }

    /// <summary>For statements over several streams: stream and offset of each event, and all its columns.</summary>
    public void BindWithStreams(NpgsqlParameterCollection parameters)
    {
        Add(parameters, streams, NpgsqlDbType.Integer);
        Add(parameters, offsets, NpgsqlDbType.Integer);
        Add(parameters, ids, NpgsqlDbType.Uuid);
        Add(parameters, categories, NpgsqlDbType.Text);
        BindContent(parameters);
    }

    /// <summary>For statements of one stream.</summary>
    public void Bind(NpgsqlParameterCollection parameters)
    {
        Add(parameters, ids, NpgsqlDbType.Uuid);
        BindContent(parameters);
    }

    public static void Add<T>(NpgsqlParameterCollection parameters, T[] values, NpgsqlDbType element) =>
        parameters.Add(new NpgsqlParameter<T[]> { TypedValue = values, NpgsqlDbType = NpgsqlDbType.Array | element });

    /// <summary>No metadata is stored as null.</summary>
    public static ReadOnlyMemory<byte>? Stored(ReadOnlyMemory<byte> metadata) => metadata.IsEmpty ? default(ReadOnlyMemory<byte>?) : metadata;

    private void BindContent(NpgsqlParameterCollection parameters)
    {
        Add(parameters, types, NpgsqlDbType.Text);
        Add(parameters, data, NpgsqlDbType.Json);
        Add(parameters, metadata, NpgsqlDbType.Json);
        parameters.Add(tags is null
            ? new NpgsqlParameter { Value = DBNull.Value, NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Text }
            : new NpgsqlParameter<string?[]> { TypedValue = tags, NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Text });
    }
}
