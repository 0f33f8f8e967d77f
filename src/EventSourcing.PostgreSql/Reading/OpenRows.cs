using System.Data;
using Npgsql;

namespace EventSourcing.PostgreSql;

/// <summary>Rows that are read bit by bit, with the statement and the connection that they hold meanwhile.</summary>
internal sealed class OpenRows
{
    private readonly ServerSession session;
    private readonly NpgsqlConnection connection;
    private readonly NpgsqlCommand command;

    private OpenRows(ServerSession session, NpgsqlConnection connection, NpgsqlCommand command, NpgsqlDataReader reader)
    {
        this.session = session;
        this.connection = connection;
        this.command = command;
        Reader = reader;
    }

    public NpgsqlDataReader Reader { get; }

    public static async Task<OpenRows> OpenAsync(
        ServerSession session, string statement, Action<NpgsqlParameterCollection> bind, CancellationToken cancellationToken)
    {
        var connection = await session.TakeAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            var command = await session.CommandAsync(statement, bind, connection, cancellationToken).ConfigureAwait(false);
            var reader = await command.ExecuteReaderAsync(CommandBehavior.Default, cancellationToken).ConfigureAwait(false);
            return new OpenRows(session, connection, command, reader);
        }
        catch (Exception failure)
        {
            await session.DropAsync(connection, failure).ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Lets go of the connection, whatever happens; what is still on its way is read first.</summary>
    /// <param name="isGood">Whether the connection can serve others at once.</param>
    public async Task CloseAsync(bool isGood)
    {
        try
        {
            await Reader.DisposeAsync().ConfigureAwait(false);
            await command.DisposeAsync().ConfigureAwait(false);
        }
        catch
        {
            await connection.DisposeAsync().ConfigureAwait(false);
            throw;
        }

        if (isGood)
        {
            await session.PutBackAsync(connection).ConfigureAwait(false);
        }
        else
        {
            await connection.DisposeAsync().ConfigureAwait(false);
        }
    }
}
