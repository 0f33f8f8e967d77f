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

    /// <summary>Kills the server and all its processes with SIGKILL; returns when they are gone. For machines with <c>pgrep</c>.</summary>
    /// <exception cref="InvalidOperationException">The server does not run.</exception>
    public async Task KillAsync()
    {
        var lines = File.Exists(Path.Combine(data, "postmaster.pid")) ? await File.ReadAllLinesAsync(Path.Combine(data, "postmaster.pid")) : [];
        if (lines is not [var postmaster, ..])
        {
            throw new InvalidOperationException("The server does not run.");
        }

        using var pgrep = Process.Start(new ProcessStartInfo("pgrep", ["-P", postmaster]) { RedirectStandardOutput = true })!;
        var children = (await pgrep.StandardOutput.ReadToEndAsync()).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        await pgrep.WaitForExitAsync();
        running = false;
        foreach (var id in children.Prepend(postmaster).Select(text => int.Parse(text, CultureInfo.InvariantCulture)))
        {
            try
            {
                using var process = Process.GetProcessById(id);
                process.Kill();
                await process.WaitForExitAsync();
            }
            catch (ArgumentException)
            {
                // Gone since it was listed.
            }
        }
    }

    /// <summary>Stops the server and deletes its data.</summary>
    public async ValueTask DisposeAsync()
    {
        if (running)
        {
            await StopAsync(immediate: true);
        }

        await watchdog.DisposeAsync();
    }

    internal static async Task<PostgreSqlCluster> CreateAsync(string binaries, CancellationToken cancellationToken)
    {
        // Not Path.GetTempPath: TMPDIR may lie where the server's user may not go.
        var cluster = new PostgreSqlCluster(binaries, $"/tmp/eventsourcing-pg-{Guid.NewGuid():N}");
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

    private async Task RunAsync(string program, string[] arguments, CancellationToken cancellationToken)
    {
        try
        {
            await ServerProgram.RunAsync(Path.Combine(binaries, program), arguments, cancellationToken);
        }
        catch (InvalidOperationException failure) when (File.Exists(LogFile))
        {
            throw new InvalidOperationException($"{failure.Message}\nThe server's log:\n{await File.ReadAllTextAsync(LogFile, cancellationToken)}", failure);
        }
    }
}
