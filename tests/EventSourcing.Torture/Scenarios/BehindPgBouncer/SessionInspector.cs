using Npgsql;

namespace EventSourcing.Torture;

/// <summary>
/// One client more, who looks again and again at the server session that he happens to be given: nobody before him may have left
/// anything in it that lasts beyond a transaction.
/// </summary>
internal sealed class SessionInspector : IAsyncDisposable
{
    // What is the session's, and not the default's: a setting without local, a lock of the session, a name for a statement or a
    // cursor, a channel that is listened to, a temporary table. Some settings are the driver's and the proxy's, who keep them for each client.
    private const string Left =
        """
        select 'setting ' || name || ' = ' || setting from pg_settings
        where source = 'session' and name not in ('application_name', 'client_encoding', 'DateStyle', 'TimeZone', 'standard_conforming_strings')
        union all
        select 'lock ' || classid || '/' || objid || ' ' || mode from pg_locks where pid = pg_backend_pid() and locktype = 'advisory'
        union all
        select 'statement ' || statement from pg_prepared_statements where name <> ''
        union all
        select 'cursor ' || statement from pg_cursors where name <> ''
        union all
        select 'channel ' || channel from pg_listening_channels() channel
        union all
        select 'temporary table ' || relname from pg_class where relnamespace = pg_my_temp_schema()
        """;

    private readonly TortureRun run;
    private readonly NpgsqlDataSource dataSource;
    private readonly CancellationTokenSource stop = new();
    private readonly HashSet<int> sessions = [];
    private readonly HashSet<string> told = new(StringComparer.Ordinal);
    private readonly Task running;

    public SessionInspector(TortureRun run, string connectionString)
    {
        this.run = run;
        dataSource = NpgsqlDataSource.Create(connectionString);
        running = Task.Run(RunAsync);
    }

    public async Task StopAsync()
    {
        await stop.CancelAsync();
        await running;
        run.Figure("serverSessionsInspected", sessions.Count);
        if (sessions.Count == 0)
        {
            run.Violation("No session was inspected.");
        }
    }

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        await running;
        await dataSource.DisposeAsync();
        stop.Dispose();
    }

    private async Task RunAsync()
    {
        while (!stop.IsCancellationRequested)
        {
            try
            {
                await using var batch = dataSource.CreateBatch();
                batch.BatchCommands.Add(new NpgsqlBatchCommand("select pg_backend_pid()"));
                batch.BatchCommands.Add(new NpgsqlBatchCommand(Left));
                await using var rows = await batch.ExecuteReaderAsync();
                await rows.ReadAsync();
                sessions.Add(rows.GetInt32(0));
                await rows.NextResultAsync();
                while (await rows.ReadAsync())
                {
                    // Once for each: it is there until somebody resets the session.
                    if (told.Add(rows.GetString(0)))
                    {
                        run.Violation($"Somebody has left in a session that others use: {rows.GetString(0)}");
                    }
                }

                run.Checked("server sessions");
            }
            catch (Exception failure) when (failure is NpgsqlException or TimeoutException or System.Net.Sockets.SocketException)
            {
                // The way is broken just now, as is intended.
                dataSource.Clear();
            }

            await Task.Delay(20, stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }
}
