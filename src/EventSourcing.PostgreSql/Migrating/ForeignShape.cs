using Npgsql;

namespace EventSourcing.PostgreSql;

/// <summary>What the catalogue says of another system's table: which columns it has differs from version to version.</summary>
/// <param name="Columns">The columns and their types.</param>
/// <param name="Key">Those of the primary key.</param>
internal sealed record ForeignShape(IReadOnlyDictionary<string, string> Columns, IReadOnlySet<string> Key)
{
    private const string Sql = """
        select a.attname, format_type(a.atttypid, null), coalesce(a.attnum = any (i.indkey), false)
        from pg_class c
        join pg_namespace n on n.oid = c.relnamespace
        join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
        left join pg_index i on i.indrelid = c.oid and i.indisprimary
        where n.nspname = $1 and c.relname = $2 and c.relkind in ('r', 'p', 'v', 'm', 'f')
        """;

    public bool Has(string column) => Columns.ContainsKey(column);

    /// <summary>Looks a table up.</summary>
    /// <exception cref="InvalidOperationException">There is none, or it lacks a column.</exception>
    public static async Task<ForeignShape> FindAsync(
        NpgsqlConnection connection, string schema, string table, IReadOnlyList<string> required, CancellationToken cancellationToken)
    {
        var columns = new Dictionary<string, string>(StringComparer.Ordinal);
        var key = new HashSet<string>(StringComparer.Ordinal);
        var command = new NpgsqlCommand(Sql, connection) { Parameters = { new() { Value = schema }, new() { Value = table } } };
        await using (command.ConfigureAwait(false))
        {
            var row = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
            await using (row.ConfigureAwait(false))
            {
                while (await row.ReadAsync(cancellationToken).ConfigureAwait(false))
                {
                    columns.Add(row.GetString(0), row.GetString(1));
                    if (row.GetBoolean(2))
                    {
                        key.Add(row.GetString(0));
                    }
                }
            }
        }

        if (columns.Count == 0)
        {
            throw new InvalidOperationException($"The database '{connection.Database}' has no table {table} in the schema '{schema}'.");
        }

        var missing = required.Where(column => !columns.ContainsKey(column)).ToList();
        return missing.Count == 0
            ? new ForeignShape(columns, key)
            : throw new InvalidOperationException($"The table {table} in the schema '{schema}' has no column {string.Join(", ", missing)}: this is not a table that this library knows.");
    }

    /// <summary>A table as it stands in a statement.</summary>
    public static string Qualified(IForeignTable table) => $"{Quoted(table.Schema)}.{Quoted(table.Table)}";

    /// <summary>A name as it stands in a statement: another system may have any.</summary>
    public static string Quoted(string name) => $"\"{name.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
}
