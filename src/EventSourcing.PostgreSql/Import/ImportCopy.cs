using Npgsql;
using NpgsqlTypes;

namespace EventSourcing.PostgreSql;

/// <summary>Writes the rows of a batch by binary COPY.</summary>
/// <param name="schema">Where.</param>
/// <param name="withTimes">Whether the rows say when they were recorded; else the server does.</param>
internal sealed class ImportCopy(SchemaName schema, bool withTimes)
{
    private readonly string events = withTimes
        ? $"""
        copy {schema.Quoted}.events (position, bucket, stream_id, version, stream_name, event_id, category, type, data, metadata, tags, recorded_at)
        from stdin (format binary)
        """
        : $"""
        copy {schema.Quoted}.events (position, bucket, stream_id, version, stream_name, event_id, category, type, data, metadata, tags)
        from stdin (format binary)
        """;

    private readonly string tags = $"copy {schema.Quoted}.event_tags (tag, position, bucket, type) from stdin (format binary)";

    /// <summary>Writes the events, and then by which tags they are found.</summary>
    /// <param name="connection">Inside the batch's transaction.</param>
    /// <param name="rows">The events with their places.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task WriteAsync(NpgsqlConnection connection, IReadOnlyList<ImportRow> rows, CancellationToken cancellationToken)
    {
        var importer = await connection.BeginBinaryImportAsync(events, cancellationToken).ConfigureAwait(false);
        await using (importer.ConfigureAwait(false))
        {
            foreach (var row in rows)
            {
                await importer.StartRowAsync(cancellationToken).ConfigureAwait(false);
                await importer.WriteAsync(row.Position, NpgsqlDbType.Bigint, cancellationToken).ConfigureAwait(false);
                await importer.WriteAsync(row.Bucket, NpgsqlDbType.Smallint, cancellationToken).ConfigureAwait(false);
                await importer.WriteAsync(row.StreamId, NpgsqlDbType.Bigint, cancellationToken).ConfigureAwait(false);
                await importer.WriteAsync(row.Version, NpgsqlDbType.Bigint, cancellationToken).ConfigureAwait(false);
                await importer.WriteAsync(row.Stream.Value, NpgsqlDbType.Text, cancellationToken).ConfigureAwait(false);
                await importer.WriteAsync(row.Id, NpgsqlDbType.Uuid, cancellationToken).ConfigureAwait(false);
                await importer.WriteAsync(row.Category, NpgsqlDbType.Text, cancellationToken).ConfigureAwait(false);
                await importer.WriteAsync(row.Type, NpgsqlDbType.Text, cancellationToken).ConfigureAwait(false);
                await importer.WriteAsync(row.Data, NpgsqlDbType.Json, cancellationToken).ConfigureAwait(false);
                if (row.Metadata.IsEmpty)
                {
                    await importer.WriteNullAsync(cancellationToken).ConfigureAwait(false);
                }
                else
                {
                    await importer.WriteAsync(row.Metadata, NpgsqlDbType.Json, cancellationToken).ConfigureAwait(false);
                }

                if (row.Tags.Count == 0)
                {
                    await importer.WriteNullAsync(cancellationToken).ConfigureAwait(false);
                }
                else
                {
                    var values = row.Tags.Select(tag => tag.Value).ToArray();
                    await importer.WriteAsync(values, NpgsqlDbType.Array | NpgsqlDbType.Text, cancellationToken).ConfigureAwait(false);
                }

                if (withTimes)
                {
                    await importer.WriteAsync(row.RecordedAt, NpgsqlDbType.TimestampTz, cancellationToken).ConfigureAwait(false);
                }
            }

            await importer.CompleteAsync(cancellationToken).ConfigureAwait(false);
        }

        await TagsAsync(connection, rows, cancellationToken).ConfigureAwait(false);
    }

    private async Task TagsAsync(NpgsqlConnection connection, IReadOnlyList<ImportRow> rows, CancellationToken cancellationToken)
    {
        if (!rows.Any(row => row.Tags.Count > 0))
        {
            return;
        }

        var importer = await connection.BeginBinaryImportAsync(tags, cancellationToken).ConfigureAwait(false);
        await using (importer.ConfigureAwait(false))
        {
            foreach (var row in rows)
            {
                foreach (var tag in row.Tags)
                {
                    await importer.StartRowAsync(cancellationToken).ConfigureAwait(false);
                    await importer.WriteAsync(tag.Value, NpgsqlDbType.Text, cancellationToken).ConfigureAwait(false);
                    await importer.WriteAsync(row.Position, NpgsqlDbType.Bigint, cancellationToken).ConfigureAwait(false);
                    await importer.WriteAsync(row.Bucket, NpgsqlDbType.Smallint, cancellationToken).ConfigureAwait(false);
                    await importer.WriteAsync(row.Type, NpgsqlDbType.Text, cancellationToken).ConfigureAwait(false);
                }
            }

            await importer.CompleteAsync(cancellationToken).ConfigureAwait(false);
        }
    }
}
