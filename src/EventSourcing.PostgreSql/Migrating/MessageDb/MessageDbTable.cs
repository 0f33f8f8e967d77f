using Npgsql;

namespace EventSourcing.PostgreSql;

/// <summary>Message DB's table.</summary>
internal sealed class MessageDbTable : IForeignTable
{
    private readonly MessageDbSourceOptions options;

    private MessageDbTable(MessageDbSourceOptions options)
    {
        this.options = options;
        var table = $"{ForeignShape.Quoted(options.Schema)}.messages";
        Page = $"""
            select global_position, stream_name, position, id, type, time, coalesce(data, jsonb_build_object()), metadata
            from {table}
            where global_position > $1 and global_position <= $2
            order by global_position
            """;
        Streams = $"select max(position), stream_name from {table} where global_position <= $1 group by stream_name";
    }

    public string Description => $"messages in the schema '{Schema}'";

    public string Kind => "message-db/1";

    public string Schema => options.Schema;

    public string Table => "messages";

    public string Position => "global_position";

    public string Page { get; }

    public string Streams { get; }

    public string? Summarized => null;

    public IEnumerable<string> Notes => [];

    public static async Task<IForeignTable> FindAsync(NpgsqlConnection connection, MessageDbSourceOptions options, CancellationToken cancellationToken)
    {
        string[] required = ["global_position", "stream_name", "position", "id", "type", "time", "data", "metadata"];
        await ForeignShape.FindAsync(connection, options.Schema, "messages", required, cancellationToken).ConfigureAwait(false);
        return new MessageDbTable(options);
    }

    public IForeignRows NewRows() => new MessageDbRows(options);
}
