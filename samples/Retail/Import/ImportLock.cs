using Npgsql;
using Retail.Input;

namespace Retail.Import;

/// <summary>Keeps a second import of the same database out: two would enter the same rows twice, each at its own version.</summary>
public sealed class ImportLock : IAsyncDisposable
{
    private const long Key = 0x52455441494C; // "RETAIL"

    private readonly NpgsqlConnection connection;

    private ImportLock(NpgsqlConnection connection) => this.connection = connection;

    /// <summary>Takes the lock.</summary>
    /// <exception cref="InputException">Another import runs.</exception>
    public static async Task<ImportLock> TakeAsync(NpgsqlDataSource dataSource, CancellationToken cancellationToken)
    {
        var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        await using var command = new NpgsqlCommand("select pg_try_advisory_lock($1)", connection);
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = Key });
        if (await command.ExecuteScalarAsync(cancellationToken) is true)
        {
            return new ImportLock(connection);
        }

        await connection.DisposeAsync();
        throw new InputException("Another import into this database is running.");
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await using (var command = new NpgsqlCommand("select pg_advisory_unlock($1)", connection))
        {
            command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = Key });
            await command.ExecuteScalarAsync();
        }

        await connection.DisposeAsync();
    }
}
