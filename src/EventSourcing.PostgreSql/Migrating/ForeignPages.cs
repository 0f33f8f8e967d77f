using System.Runtime.CompilerServices;
using Npgsql;

namespace EventSourcing.PostgreSql;

/// <summary>Reads the rows of another system's table, a page for each statement: no transaction stays open for long, and after a lost
/// connection it goes on where it was.</summary>
internal sealed class ForeignPages(NpgsqlDataSource dataSource, IForeignTable table, long end)
{
    private const int PageRows = 10_000;
    private const int MaxAttempts = 5;

    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(50);

    private readonly string qualified = $"{ForeignShape.Quoted(table.Schema)}.{ForeignShape.Quoted(table.Table)}";

    /// <summary>The rows beyond a position, up to the end.</summary>
    /// <exception cref="InvalidOperationException">There are others now than were read.</exception>
    public async IAsyncEnumerable<ForeignEvent> ReadAsync(long after, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var (last, attempt, count) = (after, 1, 0L);
        var rows = table.NewRows();
        while (last < end)
        {
            Page? page = null;
            Exception? lost = null;
            try
            {
                page = await OpenAsync(last, cancellationToken).ConfigureAwait(false);
            }
            catch (Exception failure) when (attempt < MaxAttempts && PostgreSqlErrors.IsTransient(failure))
            {
                lost = failure;
            }

            if (page is not null)
            {
                await using (page.ConfigureAwait(false))
                {
                    while (true)
                    {
                        ForeignEvent? row = null;
                        try
                        {
                            if (await page.Rows.ReadAsync(cancellationToken).ConfigureAwait(false))
                            {
                                row = rows.Read(page.Rows);
                            }
                        }
                        catch (Exception failure) when (attempt < MaxAttempts && PostgreSqlErrors.IsTransient(failure))
                        {
                            lost = failure;
                        }

                        if (row is null)
                        {
                            break;
                        }

                        (last, attempt) = (row.Position, 1);
                        count++;
                        yield return row;
                    }
                }
            }

            if (lost is null)
            {
                last = page!.UpTo;
                continue;
            }

            await Connecting.ClearPoolAsync(dataSource).ConfigureAwait(false);
            await Task.Delay(FirstPause * (1 << attempt++), cancellationToken).ConfigureAwait(false);
        }

        if (await CountAsync(after, cancellationToken).ConfigureAwait(false) is var now && now != count)
        {
            throw new InvalidOperationException(
                $"{table.Description} holds {now} rows up to position {end}, and held {count} while it was read: somebody writes to it, or deletes. Stop whoever does, and begin again.");
        }
    }

    private async Task<Page> OpenAsync(long after, CancellationToken cancellationToken)
    {
        var connection = await Connecting.OpenAsync(dataSource, cancellationToken).ConfigureAwait(false);
        NpgsqlCommand? command = null;
        try
        {
            // Where the page ends is asked for first: rows of one position, which a limit might part, stay together.
            var upTo = await ScalarAsync(
                connection,
                $"select {table.Position} from {qualified} where {table.Position} > $1 and {table.Position} <= $2 order by {table.Position} offset {PageRows - 1} limit 1",
                after,
                cancellationToken).ConfigureAwait(false) ?? end;
            command = Command(connection, table.Page, after, upTo);
            return new Page(connection, command, await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false), upTo);
        }
        catch
        {
            if (command is not null)
            {
                await command.DisposeAsync().ConfigureAwait(false);
            }

            await connection.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    private async Task<long> CountAsync(long after, CancellationToken cancellationToken)
    {
        var connection = await Connecting.OpenAsync(dataSource, cancellationToken).ConfigureAwait(false);
        await using (connection.ConfigureAwait(false))
        {
            var count = await ScalarAsync(
                connection, $"select count(*) from {qualified} where {table.Position} > $1 and {table.Position} <= $2", after, cancellationToken).ConfigureAwait(false);
            return count ?? 0;
        }
    }

    private async Task<long?> ScalarAsync(NpgsqlConnection connection, string sql, long after, CancellationToken cancellationToken)
    {
        var command = Command(connection, sql, after, end);
        await using (command.ConfigureAwait(false))
        {
            return (long?)await command.ExecuteScalarAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    // Not prepared: planned for the values each time, a page of a large table is one range of an index.
    private static NpgsqlCommand Command(NpgsqlConnection connection, string sql, long after, long upTo) => new(sql, connection)
    {
        Parameters = { new NpgsqlParameter<long> { TypedValue = after }, new NpgsqlParameter<long> { TypedValue = upTo } },

        // Who stores the rows may take long over them, and a count of all does.
        CommandTimeout = 0,
    };

    private sealed record Page(NpgsqlConnection Connection, NpgsqlCommand Command, NpgsqlDataReader Rows, long UpTo) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync()
        {
            await Rows.DisposeAsync().ConfigureAwait(false);
            await Command.DisposeAsync().ConfigureAwait(false);
            await Connection.DisposeAsync().ConfigureAwait(false);
        }
    }
}
