using Npgsql;

namespace EventSourcing.PostgreSql;

/// <summary>Runs statements on pooled connections: prepares them, repeats what may be repeated, translates errors.</summary>
internal sealed class ServerSession(NpgsqlDataSource dataSource, SchemaName schema, PostgreSqlOptions options, TimeProvider time)
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(20);

    public int MaxAttempts => options.MaxAttempts;

    /// <summary>Runs one statement, prepared where the options allow it: known to the connection after the first time.</summary>
    public async Task<T> RunAsync<T>(
        NpgsqlConnection connection,
        NpgsqlTransaction? transaction,
        string sql,
        Action<NpgsqlParameterCollection> bind,
        Func<NpgsqlDataReader, Task<T>> read,
        CancellationToken cancellationToken)
    {
        var command = await CommandAsync(sql, bind, connection, cancellationToken).ConfigureAwait(false);
        await using (command.ConfigureAwait(false))
        {
            command.Transaction = transaction;
            var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
            await using (reader.ConfigureAwait(false))
            {
                return await read(reader).ConfigureAwait(false);
            }
        }
    }

    /// <summary>A command for a reader that stays open while its rows are used.</summary>
    public async Task<NpgsqlCommand> CommandAsync(
        string sql, Action<NpgsqlParameterCollection> bind, NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        var command = new NpgsqlCommand(sql, connection);
        bind(command.Parameters);
        if (options.PrepareStatements)
        {
            await command.PrepareAsync(cancellationToken).ConfigureAwait(false);
        }

        return command;
    }

    /// <summary>Runs a read, again after a passing failure.</summary>
    public async Task<T> ReadAsync<T>(
        string sql,
        Action<NpgsqlParameterCollection> bind,
        Func<NpgsqlDataReader, Task<T>> read,
        CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                var connection = await dataSource.OpenConnectionAsync(cancellationToken).ConfigureAwait(false);
                await using (connection.ConfigureAwait(false))
                {
                    return await RunAsync(connection, transaction: null, sql, bind, read, cancellationToken).ConfigureAwait(false);
                }
            }
            catch (Exception failure) when (attempt < MaxAttempts && PostgreSqlErrors.IsTransient(failure))
            {
                await PauseAsync(failure, attempt, cancellationToken).ConfigureAwait(false);
            }
            catch (Exception failure) when (PostgreSqlErrors.Translate(failure, schema) is { } translated)
            {
                throw translated;
            }
        }
    }

    public ValueTask<NpgsqlConnection> OpenAsync(CancellationToken cancellationToken) => dataSource.OpenConnectionAsync(cancellationToken);

    /// <summary>Before another attempt: drops pooled connections that are likely dead too, and pauses.</summary>
    public Task PauseAsync(Exception failure, int attempt, CancellationToken cancellationToken)
    {
        if (PostgreSqlErrors.IsLost(failure))
        {
            dataSource.Clear();
        }

        return Task.Delay(FirstPause * (1 << Math.Min(attempt - 1, 6)) * (0.5 + Random.Shared.NextDouble()), time, cancellationToken);
    }
}
