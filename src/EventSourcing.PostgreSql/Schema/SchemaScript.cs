using System.Globalization;
using System.Reflection;
using System.Text;

namespace EventSourcing.PostgreSql;

/// <summary>The embedded SQL files in the order in which they are applied. Each may be applied again.</summary>
internal static class SchemaScript
{
    /// <summary>Raised with every change of a file below; a change of an existing table then needs a step of its own.</summary>
    public const int Version = 1;

    private static readonly string[] Objects =
    [
        "schema.sql",
        "tables/schema_version.sql",
        "tables/streams.sql",
        "tables/events.sql",
        "tables/checkpoints.sql",
        "tables/snapshots.sql",
        "functions/stream_bucket.sql",
        "functions/append_events.sql",
        "functions/append_batch.sql",
    ];

    /// <summary>Everything, as one script that ends by recording the version.</summary>
    public static string For(SchemaName schema)
    {
        var script = new StringBuilder();
        foreach (var name in Objects)
        {
            script.AppendLine(Read(name, schema));
        }

        script.AppendLine(CultureInfo.InvariantCulture, $"insert into {schema.Quoted}.schema_version (version) values ({Version})");
        script.AppendLine("on conflict (only_row) do update set version = excluded.version, installed_at = excluded.installed_at");
        script.AppendLine("where schema_version.version < excluded.version;");
        return script.ToString();
    }

    private static string Read(string name, SchemaName schema)
    {
        using var resource = Assembly.GetExecutingAssembly().GetManifestResourceStream(name)
            ?? throw new InvalidOperationException($"The resource '{name}' is missing.");
        using var reader = new StreamReader(resource, Encoding.UTF8);
        return reader.ReadToEnd()
            .Replace("{schema}", schema.Quoted, StringComparison.Ordinal)
            .Replace(
                "{append_lock}",
                string.Create(CultureInfo.InvariantCulture, $"{SchemaName.AppendLockClass}, {schema.AppendLockObject}"),
                StringComparison.Ordinal);
    }
}
