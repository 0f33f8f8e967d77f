using System.Diagnostics;
using System.Globalization;
using Npgsql;

namespace EventSourcing.TestInfrastructure;

/// <summary>
/// A temporary PostgreSQL cluster on a port of its own, run by the machine's own programs. It can be stopped and
/// started again on the same port with the same data, which is how tests let the database restart or crash.
/// </summary>
public sealed class PostgreSqlCluster : IAsyncDisposable
{
    // Tests use prepared transactions, and many of them use many connections at once.
    internal static readonly string[] Settings = ["max_connections=200", "max_prepared_transactions=20"];

    private const int StartAttempts = 5;

    private readonly string binaries;
    private readonly string data;
    private readonly Watchdog watchdog;
    private int port;
    private bool running;

    private PostgreSqlCluster(string binaries, string data)
    {
        this.binaries = binaries;
        this.data = data;
        watchdog = Watchdog.Start(data, ServerProgram.CommandLine(Path.Combine(binaries, "pg_ctl"), StopArguments(immediate: true)));
    }

    /// <summary>Connects as the superuser <c>postgres</c>. Stays the same when the cluster is stopped and started.</summary>
    public string ConnectionString => new NpgsqlConnectionStringBuilder
    {
        Host = "127.0.0.1",
        Port = port,
        Username = "postgres",
        Database = "postgres",
        IncludeErrorDetail = true,
    }.ConnectionString;

    /// <summary>Starts the stopped cluster and returns when it accepts connections, crash recovery included.</summary>
    public async Task StartAsync(CancellationToken cancellationToken = default)
    {
        await RunAsync("pg_ctl", ["start", "-D", data, "-l", LogFile, "-o", $"-p {port}", "-w", "-t", "120"], cancellationToken);
        running = true;
    }

    /// <summary>Stops the cluster and returns when the server is gone.</summary>
    /// <param name="immediate">
    /// True crashes it: the server goes without a checkpoint and recovers when it is started. False ends the sessions,
    /// rolls back what is open and shuts down in order.
    /// </param>
    /// <param name="cancellationToken">Stops waiting; the server may go later.</param>
    public async Task StopAsync(bool immediate, CancellationToken cancellationToken = default)
    {
        await RunAsync("pg_ctl", StopArguments(immediate), cancellationToken);
        running = false;
    }

    /// <summary>Makes a copy of the running server that follows it: a hot standby on a port of its own, streaming when this returns.</summary>
    /// <param name="name">How the standby calls itself in <c>pg_stat_replication</c>.</param>
    /// <param name="replaced">A cluster that is gone, whose port it takes; null for any port.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<PostgreSqlCluster> CreateStandbyAsync(string name, PostgreSqlCluster? replaced = null, CancellationToken cancellationToken = default)
    {
        var standby = new PostgreSqlCluster(binaries, NewFolder()) { port = replaced?.port ?? 0 };
        try
        {
            // --no-sync spares syncing the copy only. -R writes how to follow, and that it is to.
            await RunAsync(
                "pg_basebackup",
                ["-D", standby.data, "-d", $"host=127.0.0.1 port={port} user=postgres application_name={name}", "-X", "stream", "-c", "fast", "-R", "--no-sync"],
                cancellationToken);
            await (replaced is null ? standby.StartOnFreePortAsync(cancellationToken) : standby.StartAsync(cancellationToken));
            while (!await AnswersAsync($"select exists (select from pg_stat_replication where application_name = '{name}' and state = 'streaming')", cancellationToken))
            {
                await Task.Delay(20, cancellationToken);
            }

            return standby;
        }
        catch
        {
            await standby.DisposeAsync();
            throw;
        }
    }

    /// <summary>Makes a standby a server of its own; returns when it takes writes.</summary>
    public Task PromoteAsync(CancellationToken cancellationToken = default) =>
        RunAsync("pg_ctl", ["promote", "-D", data, "-w", "-t", "60"], cancellationToken);

    /// <summary>Makes commits wait for a standby, or no longer; returns when the server does so.</summary>
    /// <param name="names">As for <c>synchronous_standby_names</c>; empty for none.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task SetSynchronousStandbysAsync(string names, CancellationToken cancellationToken = default)
    {
        await using var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(ConnectionString) { Pooling = false }.ConnectionString);
        await connection.OpenAsync(cancellationToken);
        await using (var set = new NpgsqlCommand($"alter system set synchronous_standby_names = '{names}'", connection))
        {
            await set.ExecuteNonQueryAsync(cancellationToken);
        }

        await using (var reload = new NpgsqlCommand("select pg_reload_conf()", connection))
        {
            await reload.ExecuteNonQueryAsync(cancellationToken);
        }

        // Only then does a commit wait for it; and what was committed before is there when one that waits is.
        var isSo = names.Length == 0
            ? "select current_setting('synchronous_standby_names') = '' and not exists (select from pg_stat_replication where sync_state = 'sync')"
            : "select exists (select from pg_stat_replication where sync_state = 'sync' and state = 'streaming')";
        while (!await AnswersAsync(isSo, cancellationToken))
        {
            await Task.Delay(20, cancellationToken);
        }

        await AnswersAsync("select pg_logical_emit_message(true, 'eventsourcing', '') is not null", cancellationToken);
    }

    /// <summary>Writes the whole database to a file, in the format that <see cref="RestoreAsync"/> takes.</summary>
    /// <param name="file">The file: where the server's user may write.</param>
    /// <param name="snapshot">The exported snapshot to dump; a new one where it is null.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public Task DumpAsync(string file, string? snapshot = null, CancellationToken cancellationToken = default) => RunAsync(
        "pg_dump", [.. Login, "-Fc", "-f", file, .. snapshot is null ? Array.Empty<string>() : ["--snapshot=" + snapshot], "postgres"], cancellationToken);

    /// <summary>Restores what was dumped, or what the arguments choose of it, into a database, in one transaction.</summary>
    /// <param name="file">The file.</param>
    /// <param name="database">The database, which exists.</param>
    /// <param name="arguments">More arguments of <c>pg_restore</c>.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public Task RestoreAsync(string file, string database, string[]? arguments = null, CancellationToken cancellationToken = default) =>
        RunAsync("pg_restore", [.. Login, "-d", database, "-1", "-e", .. arguments ?? [], file], cancellationToken);

    /// <summary>Stops all processes of the server where they stand; <see cref="ThawAsync"/> lets them go on as if nothing had been.</summary>
    public Task FreezeAsync() => SignalAsync("-STOP");

    /// <summary>Lets go on what <see cref="FreezeAsync"/> has stopped.</summary>
    public Task ThawAsync() => SignalAsync("-CONT");

    /// <summary>Kills the server and all its processes with SIGKILL; returns when they are gone. For machines with <c>pgrep</c>.</summary>
    /// <exception cref="InvalidOperationException">The server does not run.</exception>
    public async Task KillAsync()
    {
        var processes = await SignalAsync("-KILL");
        running = false;

        // All at once, and not until they are buried too: a server does not start beside what is left of another.
        while (processes.Any(process => Directory.Exists($"/proc/{process}")))
        {
            await Task.Delay(5);
        }
    }

    /// <summary>Stops the server and deletes its data.</summary>
    public async ValueTask DisposeAsync()
    {
        if (running)
        {
            // What is frozen does not stop.
            await ThawAsync();
            await StopAsync(immediate: true);
        }

        await watchdog.DisposeAsync();
    }

    internal static async Task<PostgreSqlCluster> CreateAsync(string binaries, CancellationToken cancellationToken)
    {
        var cluster = new PostgreSqlCluster(binaries, NewFolder());
        try
        {
            await cluster.InitializeAsync(cancellationToken);
            return cluster;
        }
        catch
        {
            await cluster.DisposeAsync();
            throw;
        }
    }

    // Not Path.GetTempPath: TMPDIR may lie where the server's user may not go.
    private static string NewFolder() => $"/tmp/eventsourcing-pg-{Guid.NewGuid():N}";

    private string[] Login => ["-h", "127.0.0.1", "-p", port.ToString(CultureInfo.InvariantCulture), "-U", "postgres"];

    private string LogFile => Path.Combine(data, "server.log");

    private string[] StopArguments(bool immediate) =>
        ["stop", "-D", data, "-m", immediate ? "immediate" : "fast", "-w", "-t", "60"];

    private async Task InitializeAsync(CancellationToken cancellationToken)
    {
        // --no-sync spares syncing the empty cluster only; the running server syncs as usual.
        await RunAsync(
            "initdb",
            ["-D", data, "--username=postgres", "--auth=trust", "--encoding=UTF8", "--no-locale", "--no-sync"],
            cancellationToken);

        string[] settings = [.. Settings, "listen_addresses='127.0.0.1'", "unix_socket_directories=''", "fsync=on"];
        await File.AppendAllLinesAsync(Path.Combine(data, "postgresql.conf"), settings, cancellationToken);
        await StartOnFreePortAsync(cancellationToken);
    }

    private async Task StartOnFreePortAsync(CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            port = FreePort.Find();
            try
            {
                await StartAsync(cancellationToken);
                return;
            }
            catch (InvalidOperationException) when (attempt < StartAttempts)
            {
                // Another process may have taken the port since it was seen free.
            }
        }
    }

    private async Task<bool> AnswersAsync(string question, CancellationToken cancellationToken)
    {
        await using var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(ConnectionString) { Pooling = false }.ConnectionString);
        await connection.OpenAsync(cancellationToken);
        await using var command = new NpgsqlCommand(question, connection);
        return (bool)(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    /// <summary>The server's processes, the first of them first.</summary>
    private async Task<int[]> ProcessesAsync()
    {
        var lines = File.Exists(Path.Combine(data, "postmaster.pid")) ? await File.ReadAllLinesAsync(Path.Combine(data, "postmaster.pid")) : [];
        if (lines is not [var postmaster, ..])
        {
            throw new InvalidOperationException("The server does not run.");
        }

        using var pgrep = Process.Start(new ProcessStartInfo("pgrep", ["-P", postmaster]) { RedirectStandardOutput = true })!;
        var children = (await pgrep.StandardOutput.ReadToEndAsync()).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        await pgrep.WaitForExitAsync();
        return [.. children.Prepend(postmaster).Select(text => int.Parse(text, CultureInfo.InvariantCulture))];
    }

    /// <summary>Sends all processes of the server a signal, and tells which they are.</summary>
    private async Task<int[]> SignalAsync(string signal)
    {
        var processes = await ProcessesAsync();
        using var kill = Process.Start("kill", [signal, .. processes.Select(id => id.ToString(CultureInfo.InvariantCulture))]);
        await kill.WaitForExitAsync();
        return processes;
    }

    private async Task RunAsync(string program, string[] arguments, CancellationToken cancellationToken)
    {
        try
        {
            await ServerProgram.RunAsync(PostgreSqlBinaries.Program(binaries, program), arguments, cancellationToken);
        }
        catch (InvalidOperationException failure) when (File.Exists(LogFile))
        {
            throw new InvalidOperationException($"{failure.Message}\nThe server's log:\n{await File.ReadAllTextAsync(LogFile, cancellationToken)}", failure);
        }
    }
}
