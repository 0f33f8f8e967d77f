using System.Globalization;
using System.Reflection;
using System.Text;

namespace EventSourcing.PostgreSql;

/// <summary>The embedded SQL files in the order in which they are applied. Each may be applied again.</summary>
internal static class SchemaScript
{
    /// <summary>Raised with every change of a file below; a change of an existing table then needs a step of its own.</summary>
    public const int Version = 5;

    private static readonly string[] Objects =
    [
        "schema.sql",
        "tables/schema_version.sql",
        "tables/streams.sql",
        "tables/events.sql",
        "tables/archived_events.sql",
        "tables/event_tags.sql",
        "tables/chain_starts.sql",
        "tables/checkpoints.sql",
        "tables/snapshots.sql",
        "tables/subject_keys.sql",
        "tables/consumers.sql",
        "tables/processes.sql",
        "tables/dead_letters.sql",
        "tables/reactor_receipts.sql",
        "tables/scheduled_messages.sql",
        "tables/outbox.sql",
        "tables/log_restores.sql",
        "tables/roles.sql",
        "tables/truncated_streams.sql",
        "tables/removed_events.sql",
        "tables/stream_operations.sql",
        "functions/stream_bucket.sql",
        "functions/unseen_event.sql",
        "functions/find_events.sql",
        "functions/append_event.sql",
        "functions/append_stream.sql",
        "functions/append_events.sql",
        "functions/append_batch.sql",
        "functions/metadata_text.sql",
        "functions/tag_bytes.sql",
        "functions/event_hash.sql",
        "functions/chain_event.sql",
        "functions/keep_chain_start.sql",
        "functions/chain_streams.sql",
        "functions/create_read_model.sql",
        "functions/promote_consumer.sql",
        "functions/demote_consumer.sql",
        "functions/begin_restore.sql",
        "functions/end_restore.sql",
        "functions/find_stream.sql",
        "functions/unread_by.sql",
        "functions/remove_events.sql",
        "functions/archive_stream.sql",
        "functions/restore_stream.sql",
        "functions/truncate_stream.sql",
        "functions/delete_stream.sql",
        "functions/forget_subject.sql",
        "rights.sql",
    ];

    /// <summary>Everything, as one script that ends by recording the version.</summary>
    /// <param name="schema">The schema's name.</param>
    /// <param name="partitions">Into how many tables, by ranges of the bucket, the events go; 1 for no partitions.</param>
    public static string For(SchemaName schema, int partitions)
    {
        var script = new StringBuilder();
        foreach (var name in Objects)
        {
            script.AppendLine(Read(name, schema, partitions));
        }

        script.AppendLine(CultureInfo.InvariantCulture, $"insert into {schema.Quoted}.schema_version (version) values ({Version})");
        script.AppendLine("on conflict (only_row) do update set version = excluded.version, installed_at = excluded.installed_at");
        script.AppendLine("where schema_version.version < excluded.version;");
        return script.ToString();
    }

    /// <summary>The roles and their rights, for what <see cref="For"/> has made.</summary>
    public static string ForRoles(SchemaName schema, PostgreSqlRoles roles)
    {
        roles.ThrowIfUnfit();
        return Read("roles.sql", schema, partitions: 1)
            .Replace("{owner}", roles.Owner, StringComparison.Ordinal)
            .Replace("{maintainer}", roles.Maintainer, StringComparison.Ordinal)
            .Replace("{application}", roles.Application, StringComparison.Ordinal)
            .Replace("{reader}", roles.Reader, StringComparison.Ordinal);
    }

    private static string Read(string name, SchemaName schema, int partitions)
    {
        using var resource = Assembly.GetExecutingAssembly().GetManifestResourceStream(name)
            ?? throw new InvalidOperationException($"The resource '{name}' is missing.");
        using var reader = new StreamReader(resource, Encoding.UTF8);
        return reader.ReadToEnd()
            .Replace("{partition_by}", partitions > 1 ? " partition by range (bucket)" : string.Empty, StringComparison.Ordinal)
            .Replace("{partitions}", partitions > 1 ? Partitions(partitions) : string.Empty, StringComparison.Ordinal)
            .Replace("{schema}", schema.Quoted, StringComparison.Ordinal)
            .Replace("{name}", schema.Name, StringComparison.Ordinal)
            .Replace("{roles_lock}", SchemaName.RolesLock.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal)
            .Replace("{take_boundary_key}", BoundaryKeys.Taken(schema), StringComparison.Ordinal)
            .Replace("{boundary_lock}", schema.BoundaryLock.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal)
            .Replace("{deletion_type}", StreamDeleted.StoredName, StringComparison.Ordinal)
            .Replace("{deletion_key}", BoundaryKeys.OfType(StreamDeleted.StoredName).ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal)
            .Replace("{install_lock}", schema.InstallLock.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal)
            .Replace(
                "{append_lock}",
                string.Create(CultureInfo.InvariantCulture, $"{SchemaName.AppendLockClass}, {schema.AppendLockObject}"),
                StringComparison.Ordinal);
    }

    private static string Partitions(int count)
    {
        var script = new StringBuilder();
        for (var i = 0; i < count; i++)
        {
            var from = StreamBucket.Count * i / count;
            var to = StreamBucket.Count * (i + 1) / count;
            script.AppendLine(CultureInfo.InvariantCulture, $"create table if not exists {{schema}}.events_{from} partition of {{schema}}.events for values from ({from}) to ({to});");
        }

        return script.ToString();
    }
}
