using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;
using Npgsql;

namespace EventSourcing.PostgreSql;

/// <summary>Reads the rows of another system's table, a page for each statement: no transaction stays open for long, and after a lost
/// connection it goes on where it was.</summary>
internal sealed class ForeignPages(NpgsqlDataSource dataSource, IForeignTable table, long end)
{
    private const int PageRows = 10_000;
    private const int MaxAttempts = 5;

    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(50);

    // Where a page ends is asked for first: rows of one position, which a limit might part, stay together.
    private readonly string pageEnd =
        $"select {table.Position} from {ForeignShape.Qualified(table)} where {table.Position} > $1 and {table.Position} <= $2 order by {table.Position} offset {PageRows - 1} limit 1";

    private readonly string countRows = $"select count(*) from {ForeignShape.Qualified(table)} where {table.Position} > $1 and {table.Position} <= $2";

    /// <summary>The rows beyond a position, up to the end.</summary>
    /// <exception cref="InvalidOperationException">There are others now than were read.</exception>
    public async IAsyncEnumerable<ForeignEvent> ReadAsync(long after, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var rows = table.NewRows();
        var (last, count, lost) = (after, 0L, 0);
        while (last < end)
        {
            var page = await RepeatedAsync(() => OpenAsync(last, cancellationToken), cancellationToken).ConfigureAwait(false);
            await using (page.ConfigureAwait(false))
            {
                while (await page.NextAsync(rows, cancellationToken).ConfigureAwait(false) is { } row)
                {
                    (last, lost) = (row.Position, 0);
                    count++;
                    yield return row;
                }
            }

            if (page.Lost is null)
            {
                last = page.UpTo;
            }
            else
            {
                await PauseAsync(page.Lost, ++lost, cancellationToken).ConfigureAwait(false);
            }
        }

        var now = await RepeatedAsync(() => CountAsync(after, cancellationToken), cancellationToken).ConfigureAwait(false);
        if (now != count)
        {
            throw new InvalidOperationException(
                $"{table.Description} holds {now} rows up to position {end}, and held {count} while it was read: somebody writes to it, or deletes. Stop whoever does, and begin again.");
        }
    }

    private async Task<T> RepeatedAsync<T>(Func<Task<T>> work, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await work().ConfigureAwait(false);
            }
            catch (Exception failure) when (PostgreSqlErrors.IsTransient(failure))
            {
                await PauseAsync(failure, attempt, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    /// <summary>Pauses before another attempt, where there is to be one; the other pooled connections are likely dead, too.</summary>
    private async Task PauseAsync(Exception failure, int attempt, CancellationToken cancellationToken)
    {
        if (attempt == MaxAttempts)
        {
            ExceptionDispatchInfo.Throw(failure);
        }

        await Connecting.ClearPoolAsync(dataSource).ConfigureAwait(false);
        await Task.Delay(FirstPause * (1 << attempt), cancellationToken).ConfigureAwait(false);
    }

    private async Task<ForeignPage> OpenAsync(long after, CancellationToken cancellationToken)
    {
        var connection = await Connecting.OpenAsync(dataSource, cancellationToken).ConfigureAwait(false);
        try
        {
            var upTo = await ScalarAsync(connection, pageEnd, after, cancellationToken).ConfigureAwait(false) ?? end;
            var command = Command(connection, table.Page, after, upTo);
            return new ForeignPage(connection, command, await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false), upTo);
        }
        catch
        {
            await connection.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    private async Task<long?> CountAsync(long after, CancellationToken cancellationToken)
    {
        var connection = await Connecting.OpenAsync(dataSource, cancellationToken).ConfigureAwait(false);
        await using (connection.ConfigureAwait(false))
        {
            return await ScalarAsync(connection, countRows, after, cancellationToken).ConfigureAwait(false);
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
}
