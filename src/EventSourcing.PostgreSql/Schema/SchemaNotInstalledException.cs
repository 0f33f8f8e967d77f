namespace EventSourcing.PostgreSql;

/// <summary>The database has no schema for events, or one of an older version.</summary>
public sealed class SchemaNotInstalledException : Exception
{
    /// <summary>Makes the exception.</summary>
    /// <param name="schema">The schema's name.</param>
    /// <param name="inner">What the server said.</param>
    public SchemaNotInstalledException(string schema, Exception? inner = null)
        : base(
            $"The schema '{schema}' is not installed in this database, or not completely. Call store.Schema.InstallAsync(), "
            + "set InstallSchemaAtStart, or have an administrator run PostgreSqlSchema.Script().",
            inner) => Schema = schema;

    /// <summary>The schema's name.</summary>
    public string Schema { get; }
}
