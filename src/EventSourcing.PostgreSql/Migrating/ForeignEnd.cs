using System.Globalization;
using Npgsql;

namespace EventSourcing.PostgreSql;

/// <summary>Finds a position that nothing is going to be stored below, while others go on writing.</summary>
internal static class ForeignEnd
{
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(20);

    // A transaction locks the sequence before it takes a number of it, and a table before it writes a row, until it ends.
    private const string Writers = """
        select l.virtualtransaction, l.pid
        from pg_locks l
        join pg_class c on c.oid = l.relation
        join pg_namespace n on n.oid = c.relnamespace
        where l.locktype = 'relation' and l.granted and l.database = (select oid from pg_database where datname = current_database())
          and l.mode in ('RowExclusiveLock', 'ShareRowExclusiveLock', 'ExclusiveLock', 'AccessExclusiveLock')
          and n.nspname = $1 and left(c.relname, length($2)) = $2 and l.pid is distinct from pg_backend_pid()
        """;

    /// <summary>The highest position that is seen, as soon as whoever was writing then has ended.</summary>
    /// <exception cref="TimeoutException">Somebody writes for longer than one is ready to wait.</exception>
    public static async Task<long> FindAsync(NpgsqlConnection connection, IForeignTable table, TimeSpan patience, CancellationToken cancellationToken)
    {
        long end;
        var highest = new NpgsqlCommand($"select coalesce(max({table.Position}), 0) from {ForeignShape.Qualified(table)}", connection);
        await using (highest.ConfigureAwait(false))
        {
            end = (long)(await highest.ExecuteScalarAsync(cancellationToken).ConfigureAwait(false))!;
        }

        // After the position: who has taken a lower number and is not seen holds the lock still, or has committed meanwhile.
        var waitedFor = await WritersAsync().ConfigureAwait(false);
        var deadline = TimeProvider.System.GetTimestamp();
        while (waitedFor.Count > 0)
        {
            if (TimeProvider.System.GetElapsedTime(deadline) > patience)
            {
                throw new TimeoutException(
                    string.Create(CultureInfo.InvariantCulture, $"Transactions have been writing to {table.Description} for more than {patience.TotalSeconds:0.#} seconds, ")
                    + $"so that it is not known where it ends; server processes {string.Join(", ", waitedFor.Values.Select(pid => pid?.ToString(CultureInfo.InvariantCulture) ?? "(prepared)"))}.");
            }

            await Task.Delay(Look, cancellationToken).ConfigureAwait(false);
            var now = await WritersAsync().ConfigureAwait(false);
            waitedFor = waitedFor.Where(writer => now.ContainsKey(writer.Key)).ToDictionary();
        }

        return end;

        async Task<Dictionary<string, int?>> WritersAsync()
        {
            var writers = new Dictionary<string, int?>(StringComparer.Ordinal);
            var command = new NpgsqlCommand(Writers, connection) { Parameters = { new() { Value = table.Schema }, new() { Value = table.Table } } };
            await using (command.ConfigureAwait(false))
            {
                var row = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
                await using (row.ConfigureAwait(false))
                {
                    while (await row.ReadAsync(cancellationToken).ConfigureAwait(false))
                    {
                        writers[row.GetString(0)] = await row.IsDBNullAsync(1, cancellationToken).ConfigureAwait(false) ? null : row.GetInt32(1);
                    }
                }
            }

            return writers;
        }
    }
}
