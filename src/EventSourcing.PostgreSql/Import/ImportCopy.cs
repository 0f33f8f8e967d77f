using Npgsql;
using NpgsqlTypes;

namespace EventSourcing.PostgreSql;

/// <summary>Writes the rows of a batch by binary COPY.</summary>
internal sealed class ImportCopy(SchemaName schema)
{
    private readonly string events = $"""
        copy {schema.Quoted}.events (position, bucket, stream_id, version, stream_name, event_id, category, type, data, metadata, tags)
        from stdin (format binary)
        """;

    private readonly string tags = $"copy {schema.Quoted}.event_tags (tag, position, bucket, type) from stdin (format binary)";

    /// <summary>Writes the events.</summary>
    /// <param name="connection">Inside the batch's transaction.</param>
    /// <param name="parts">The events with their streams.</param>
    /// <param name="positions">The position of each event, in order.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task EventsAsync(
        NpgsqlConnection connection, IReadOnlyList<(StreamAppend Part, ImportStream Stream)> parts, long[] positions, CancellationToken cancellationToken)
    {
        var nth = 0;
        var importer = await connection.BeginBinaryImportAsync(events, cancellationToken).ConfigureAwait(false);
        await using (importer.ConfigureAwait(false))
        {
            foreach (var (part, stream) in parts)
            {
                var version = part.Expected.Version.Value;
                var category = part.Stream.Category;
                foreach (var data in part.Events)
                {
                    await importer.StartRowAsync(cancellationToken).ConfigureAwait(false);
                    await importer.WriteAsync(positions[nth++], NpgsqlDbType.Bigint, cancellationToken).ConfigureAwait(false);
                    await importer.WriteAsync(stream.Bucket, NpgsqlDbType.Smallint, cancellationToken).ConfigureAwait(false);
                    await importer.WriteAsync(stream.Id, NpgsqlDbType.Bigint, cancellationToken).ConfigureAwait(false);
                    await importer.WriteAsync(++version, NpgsqlDbType.Bigint, cancellationToken).ConfigureAwait(false);
                    await importer.WriteAsync(stream.Name.Value, NpgsqlDbType.Text, cancellationToken).ConfigureAwait(false);
                    await importer.WriteAsync(data.Id, NpgsqlDbType.Uuid, cancellationToken).ConfigureAwait(false);
                    await importer.WriteAsync(category, NpgsqlDbType.Text, cancellationToken).ConfigureAwait(false);
                    await importer.WriteAsync(data.Type, NpgsqlDbType.Text, cancellationToken).ConfigureAwait(false);
                    await importer.WriteAsync(data.Data, NpgsqlDbType.Json, cancellationToken).ConfigureAwait(false);
                    if (data.Metadata.IsEmpty)
                    {
                        await importer.WriteNullAsync(cancellationToken).ConfigureAwait(false);
                    }
                    else
                    {
                        await importer.WriteAsync(data.Metadata, NpgsqlDbType.Json, cancellationToken).ConfigureAwait(false);
                    }

                    if (data.Tags.Count == 0)
                    {
                        await importer.WriteNullAsync(cancellationToken).ConfigureAwait(false);
                    }
                    else
                    {
                        var values = data.Tags.Select(tag => tag.Value).ToArray();
                        await importer.WriteAsync(values, NpgsqlDbType.Array | NpgsqlDbType.Text, cancellationToken).ConfigureAwait(false);
                    }
                }
            }

            await importer.CompleteAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Writes by which tags the events are found; nothing where they have none.</summary>
    /// <param name="connection">Inside the batch's transaction.</param>
    /// <param name="parts">The events with their streams.</param>
    /// <param name="positions">The position of each event, in order.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task TagsAsync(
        NpgsqlConnection connection, IReadOnlyList<(StreamAppend Part, ImportStream Stream)> parts, long[] positions, CancellationToken cancellationToken)
    {
        var rows = parts
            .SelectMany(part => part.Part.Events.Select(data => (data.Tags, data.Type, part.Stream.Bucket)))
            .Select((data, nth) => (data.Tags, data.Type, data.Bucket, Position: positions[nth]))
            .Where(data => data.Tags.Count > 0)
            .ToList();
        if (rows.Count == 0)
        {
            return;
        }

        var importer = await connection.BeginBinaryImportAsync(tags, cancellationToken).ConfigureAwait(false);
        await using (importer.ConfigureAwait(false))
        {
            foreach (var (eventTags, type, bucket, position) in rows)
            {
                foreach (var tag in eventTags)
                {
                    await importer.StartRowAsync(cancellationToken).ConfigureAwait(false);
                    await importer.WriteAsync(tag.Value, NpgsqlDbType.Text, cancellationToken).ConfigureAwait(false);
                    await importer.WriteAsync(position, NpgsqlDbType.Bigint, cancellationToken).ConfigureAwait(false);
                    await importer.WriteAsync(bucket, NpgsqlDbType.Smallint, cancellationToken).ConfigureAwait(false);
                    await importer.WriteAsync(type, NpgsqlDbType.Text, cancellationToken).ConfigureAwait(false);
                }
            }

            await importer.CompleteAsync(cancellationToken).ConfigureAwait(false);
        }
    }
}
