using Npgsql;

namespace EventSourcing.PostgreSql;

/// <summary>The rows of one statement, while they come.</summary>
/// <param name="connection">Given back at the end.</param>
/// <param name="command">The statement.</param>
/// <param name="row">Its rows.</param>
/// <param name="upTo">The position that none of them is beyond.</param>
internal sealed class ForeignPage(NpgsqlConnection connection, NpgsqlCommand command, NpgsqlDataReader row, long upTo) : IAsyncDisposable
{
    public long UpTo { get; } = upTo;

    /// <summary>Why the rows have ended too early; null where they have not.</summary>
    public Exception? Lost { get; private set; }

    /// <summary>The next row; null where there is none, or it is lost.</summary>
    public async ValueTask<ForeignEvent?> NextAsync(IForeignRows rows, CancellationToken cancellationToken)
    {
        try
        {
            return await row.ReadAsync(cancellationToken).ConfigureAwait(false) ? rows.Read(row) : null;
        }
        catch (Exception failure) when (PostgreSqlErrors.IsTransient(failure))
        {
            Lost = failure;
            return null;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await row.DisposeAsync().ConfigureAwait(false);
        await command.DisposeAsync().ConfigureAwait(false);
        await connection.DisposeAsync().ConfigureAwait(false);
    }
}
