using Npgsql;

namespace EventSourcing.PostgreSql;

/// <summary>Marten's tables.</summary>
internal sealed class MartenTable : IForeignTable
{
    private readonly MartenSourceOptions options;
    private readonly MartenSql sql;
    private readonly bool hasKeys;

    private MartenTable(MartenSourceOptions options, MartenSql sql, bool hasKeys)
    {
        this.options = options;
        this.sql = sql;
        this.hasKeys = hasKeys;
    }

    public string Description => $"mt_events in the schema '{Schema}'";

    public string Kind => "marten/1";

    public string Schema => options.Schema;

    public string Table => "mt_events";

    public string Position => "seq_id";

    public string Page => sql.Page;

    public string Streams => sql.Streams;

    public string? Summarized => sql.Summarized;

    public IEnumerable<string> Notes => sql.OtherColumns.Count == 0
        ? []
        : [$"What the columns {string.Join(", ", sql.OtherColumns)} of mt_events hold is kept in the metadata, under '{MartenRows.Columns}'."];

    public static async Task<IForeignTable> FindAsync(NpgsqlConnection connection, MartenSourceOptions options, CancellationToken cancellationToken)
    {
        var events = await ForeignShape.FindAsync(connection, options.Schema, "mt_events", MartenSql.Required, cancellationToken).ConfigureAwait(false);
        var streams = await ForeignShape.FindAsync(connection, options.Schema, "mt_streams", ["id"], cancellationToken).ConfigureAwait(false);
        return new MartenTable(options, new MartenSql(options.Schema, events, streams), events.Columns["stream_id"] != "uuid");
    }

    public IForeignRows NewRows() => new MartenRows(options, sql, hasKeys);
}
