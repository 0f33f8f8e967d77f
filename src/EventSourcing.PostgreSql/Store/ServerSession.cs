using Microsoft.Extensions.Logging;
using Npgsql;

namespace EventSourcing.PostgreSql;

/// <summary>Runs statements on pooled connections: prepares them, repeats what may be repeated, translates errors.</summary>
internal sealed class ServerSession(
    NpgsqlDataSource dataSource, SchemaName schema, PostgreSqlOptions options, TimeProvider time, ILogger logger) : IAsyncDisposable
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(20);

    private readonly IdleConnections idle = new(dataSource, time);

    /// <summary>The servers, where there are several: asked anew who is the primary after a failure.</summary>
    public NpgsqlMultiHostDataSource? Hosts { get; init; }

    public int MaxAttempts => options.MaxAttempts;

    /// <summary>The ways to the server that connections take.</summary>
    public ServerRoute Route { get; } = new(logger);

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
        if (await MayPrepareAsync(connection, cancellationToken).ConfigureAwait(false))
        {
            await command.PrepareAsync(cancellationToken).ConfigureAwait(false);
        }

        return command;
    }

    /// <summary>Whether statements may be prepared: where the options allow it, and where it is the server that keeps them for this connection.</summary>
    public ValueTask<bool> MayPrepareAsync(NpgsqlConnection connection, CancellationToken cancellationToken) =>
        options.PrepareStatements ? Route.IsDirectAsync(connection, cancellationToken) : ValueTask.FromResult(false);

    /// <summary>Runs a read, or a write that may be repeated: again after a passing failure.</summary>
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
                return await OnConnectionAsync(
                    connection => RunAsync(connection, transaction: null, sql, bind, read, cancellationToken), cancellationToken)
                    .ConfigureAwait(false);
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

    /// <summary>Runs statements on a connection that may come from an earlier statement and serve a later one.</summary>
    /// <remarks>Single statements only, without a transaction or a setting: nothing is reset in between.</remarks>
    public async Task<T> OnConnectionAsync<T>(Func<NpgsqlConnection, Task<T>> run, CancellationToken cancellationToken)
    {
        var connection = await TakeAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            var result = await run(connection).ConfigureAwait(false);
            await PutBackAsync(connection).ConfigureAwait(false);
            return result;
        }
        catch (Exception failure)
        {
            await DropAsync(connection, failure).ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Disposes a connection after a failure. Where it was lost, the others that are kept, here and in the pool, are likely dead too,
    /// and each of them would be waited for.</summary>
    public async ValueTask DropAsync(NpgsqlConnection connection, Exception failure)
    {
        if (PostgreSqlErrors.IsLost(failure))
        {
            idle.Clear();
            await Connecting.ClearPoolAsync(dataSource).ConfigureAwait(false);
        }

        await connection.DisposeAsync().ConfigureAwait(false);
    }

    /// <summary>As for <see cref="OnConnectionAsync"/>, to be put back or, after a failure, disposed.</summary>
    public ValueTask<NpgsqlConnection> TakeAsync(CancellationToken cancellationToken) => idle.TakeAsync(cancellationToken);

    public ValueTask PutBackAsync(NpgsqlConnection connection) => idle.PutBackAsync(connection);

    public ValueTask DisposeAsync() => idle.DisposeAsync();

    /// <summary>A connection of the pool's, for a transaction.</summary>
    public ValueTask<NpgsqlConnection> OpenAsync(CancellationToken cancellationToken) => Connecting.OpenAsync(dataSource, cancellationToken);

    /// <summary>Before another attempt: drops pooled connections that are likely dead too, and pauses.</summary>
    public async Task PauseAsync(Exception failure, int attempt, CancellationToken cancellationToken)
    {
        idle.Clear();
        if (!PostgreSqlErrors.IsRolledBack(failure))
        {
            Hosts?.ClearDatabaseStates();
        }

        if (PostgreSqlErrors.IsLost(failure))
        {
            Log.ConnectionLost(logger, attempt + 1, MaxAttempts, failure);
            await Connecting.ClearPoolAsync(dataSource).ConfigureAwait(false);
        }
        else
        {
            Log.StatementRefused(logger, attempt + 1, MaxAttempts, failure);
        }

        await Task.Delay(FirstPause * (1 << Math.Min(attempt - 1, 6)) * (0.5 + Random.Shared.NextDouble()), time, cancellationToken).ConfigureAwait(false);
    }
}
