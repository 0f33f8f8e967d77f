using System.Diagnostics;
using System.Globalization;
using Npgsql;

namespace EventSourcing.TestInfrastructure;

/// <summary>
/// A PgBouncer that pools transactions, on a port and in a folder of its own, run by the machine's own program. It can be killed,
/// started again on the same port, paused and told to read its settings again while clients are connected.
/// </summary>
public sealed class PgBouncer : IAsyncDisposable
{
    private const int StartAttempts = 5;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    // It runs as a user who may not be allowed into a folder of ours: what it needs it makes itself.
    private const string StartScript =
        """
        umask 077
        mkdir -p -- "$1"
        cd -- "$1" || exit 1
        rm -f pid
        printf '%s' "$2" > pgbouncer.ini
        exec "$3" -q pgbouncer.ini < /dev/null > /dev/null 2>&1
        """;

    private const string ConfigureScript = """printf '%s' "$2" > "$1/pgbouncer.ini" && kill -s HUP "$(cat "$1/pid")" """;

    // What has ended may stay listed where nobody collects it, so the wait has an end.
    private const string SignalScript =
        """
        pid=$(cat "$1/pid" 2> /dev/null)
        if [ -n "$pid" ]; then
          kill -s "$2" "$pid" 2> /dev/null
          if [ "$2" = KILL ]; then for i in $(seq 200); do kill -0 "$pid" 2> /dev/null || break; sleep 0.02; done; fi
        fi
        exit 0
        """;

    private readonly string program;
    private readonly NpgsqlConnectionStringBuilder server;
    private readonly string data = $"/tmp/eventsourcing-bouncer-{Guid.NewGuid():N}";
    private readonly int port = FreePort.Find();
    private readonly Watchdog watchdog;
    private int poolSize;
    private Process? process;

    private PgBouncer(string program, string serverConnectionString, int poolSize)
    {
        this.program = program;
        this.poolSize = poolSize;
        server = new NpgsqlConnectionStringBuilder(serverConnectionString);
        watchdog = Watchdog.Start(data, ServerProgram.CommandLine("/bin/sh", ["-c", SignalScript, "end", data, "KILL"]));
    }

    /// <summary>Connects through it, as the server's superuser. Stays the same when it is killed and started.</summary>
    public string ConnectionString =>
        new NpgsqlConnectionStringBuilder(server.ConnectionString) { Host = "127.0.0.1", Port = port }.ConnectionString;

    /// <summary>Starts one in front of a server without a password.</summary>
    /// <param name="serverConnectionString">The server.</param>
    /// <param name="poolSize">How many connections to the server its clients share.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="InvalidOperationException">The machine has no PgBouncer installed.</exception>
    public static async Task<PgBouncer> StartAsync(string serverConnectionString, int poolSize, CancellationToken cancellationToken = default)
    {
        var program = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
            .Append("/usr/sbin").Select(folder => Path.Combine(folder, "pgbouncer")).FirstOrDefault(File.Exists)
            ?? throw new InvalidOperationException(
                "PgBouncer is run from the machine's own installation, and none was found on the PATH or in /usr/sbin: install it (Debian: apt-get install pgbouncer).");
        for (var attempt = 1; ; attempt++)
        {
            var bouncer = new PgBouncer(program, serverConnectionString, poolSize);
            try
            {
                await bouncer.StartAsync(cancellationToken);
                return bouncer;
            }
            catch (Exception failure)
            {
                await bouncer.DisposeAsync();

                // Another process may have taken the port since it was seen free.
                if (failure is not InvalidOperationException || attempt == StartAttempts)
                {
                    throw;
                }
            }
        }
    }

    /// <summary>Starts it after <see cref="KillAsync"/> and returns when it accepts connections, whether or not the server does.</summary>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task StartAsync(CancellationToken cancellationToken = default)
    {
        process = Run("start", StartScript, data, Settings(), program);
        var started = Stopwatch.StartNew();
        while (true)
        {
            using var client = new System.Net.Sockets.TcpClient();
            try
            {
                await client.ConnectAsync("127.0.0.1", port, cancellationToken);
                if (!process.HasExited)
                {
                    return;
                }
            }
            catch (System.Net.Sockets.SocketException) when (!process.HasExited && started.Elapsed < Patience)
            {
                await Task.Delay(10, cancellationToken);
                continue;
            }
            catch (System.Net.Sockets.SocketException)
            {
                // Below.
            }

            throw new InvalidOperationException($"PgBouncer does not start. Its log:\n{await LogAsync(cancellationToken)}");
        }
    }

    /// <summary>Kills it with SIGKILL: its clients and the server find broken connections. Returns when it is gone.</summary>
    /// <param name="cancellationToken">Stops waiting.</param>
    public async Task KillAsync(CancellationToken cancellationToken = default)
    {
        await SignalAsync("KILL", cancellationToken);
        if (process is not null)
        {
            await process.WaitForExitAsync(cancellationToken);
            process.Dispose();
            process = null;
        }
    }

    /// <summary>Lets transactions end, and then lets nobody begin another until <see cref="ResumeAsync"/>.</summary>
    /// <param name="cancellationToken">Stops waiting.</param>
    public Task PauseAsync(CancellationToken cancellationToken = default) => SignalAsync("USR1", cancellationToken);

    /// <summary>Ends a pause.</summary>
    /// <param name="cancellationToken">Stops waiting.</param>
    public Task ResumeAsync(CancellationToken cancellationToken = default) => SignalAsync("USR2", cancellationToken);

    /// <summary>Has it read its settings again, with another number of connections to the server.</summary>
    /// <param name="connections">How many connections to the server its clients share from now on.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    public async Task ReloadAsync(int connections, CancellationToken cancellationToken = default)
    {
        poolSize = connections;
        using var running = Run("configure", ConfigureScript, data, Settings());
        await running.WaitForExitAsync(cancellationToken);
    }

    /// <summary>Kills it and deletes its folder.</summary>
    public async ValueTask DisposeAsync()
    {
        await watchdog.DisposeAsync();
        process?.Dispose();
    }

    // With the defaults wherever that can be: what the documentation says is to be enough. "any": whoever connects is the one user.
    private string Settings() => string.Create(CultureInfo.InvariantCulture, $"""
        [databases]
        * = host={server.Host} port={server.Port} user={server.Username}
        [pgbouncer]
        listen_addr = 127.0.0.1
        listen_port = {port}
        unix_socket_dir =
        auth_type = any
        pidfile = {data}/pid
        logfile = {data}/log
        pool_mode = transaction
        default_pool_size = {poolSize}
        max_client_conn = 1000
        server_login_retry = 1

        """);

    private async Task SignalAsync(string signal, CancellationToken cancellationToken)
    {
        using var sending = Run("signal", SignalScript, data, signal);
        await sending.WaitForExitAsync(cancellationToken);
    }

    private async Task<string> LogAsync(CancellationToken cancellationToken)
    {
        var log = Path.Combine(data, "log");
        return File.Exists(log) ? await File.ReadAllTextAsync(log, cancellationToken) : "(none)";
    }

    private static Process Run(string name, string script, params string[] arguments)
    {
        var command = ServerProgram.CommandLine("/bin/sh", ["-c", script, name, .. arguments]);

        // runuser says on standard error how its command was killed.
        var start = new ProcessStartInfo(command[0], command[1..]) { WorkingDirectory = "/", RedirectStandardInput = true, RedirectStandardError = true };
        var process = Process.Start(start)!;
        process.StandardInput.Close();
        return process;
    }
}
