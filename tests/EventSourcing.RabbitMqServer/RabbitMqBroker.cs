using System.Diagnostics;
using System.Globalization;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace EventSourcing.TestInfrastructure;

/// <summary>
/// A temporary RabbitMQ node on ports of its own, run by the machine's own programs. It can be stopped and started again on the
/// same port with the same queues, which is how tests let the broker restart or crash.
/// </summary>
public sealed class RabbitMqBroker : IAsyncDisposable
{
    private const int StartAttempts = 3;
    private static readonly TimeSpan startTime = TimeSpan.FromSeconds(120);

    // Everything that the node would share with others of the machine lies in the folder: its cookie (in HOME), its data, its
    // log. It has a port mapper of its own as well, for the node starts one where it finds none, and leaves it behind.
    private const string StartScript =
        """
        umask 077
        mkdir -p -- "$1"
        cd -- "$1" || exit 1
        rm -f pid
        printf 'loopback_users = none\nlisteners.tcp.default = 127.0.0.1:%s\n' "$2" > rabbitmq.conf
        : > enabled_plugins
        export HOME="$1" RABBITMQ_NODENAME="eventsourcing$2@localhost" RABBITMQ_DIST_PORT="$3"
        export ERL_EPMD_PORT="$4" ERL_EPMD_ADDRESS=127.0.0.1 ERL_EPMD_RELAXED_COMMAND_CHECK=1
        export RABBITMQ_MNESIA_BASE="$1/data" RABBITMQ_LOG_BASE="$1/log" RABBITMQ_CONFIG_FILE="$1/rabbitmq.conf"
        export RABBITMQ_ENABLED_PLUGINS_FILE="$1/enabled_plugins" RABBITMQ_CONF_ENV_FILE=/dev/null RABBITMQ_PID_FILE="$1/pid"
        exec "$5" < /dev/null >> server.log 2>&1
        """;

    // By number and not by the broker's own command, which takes seconds. TERM stops it in order. What has ended may stay listed
    // where nobody collects it, so the wait has an end.
    private const string SignalScript =
        """
        pid=$(cat "$1/pid" 2> /dev/null)
        if [ -n "$pid" ]; then
          kill -s "$2" "$pid" 2> /dev/null
          for i in $(seq 600); do kill -0 "$pid" 2> /dev/null || break; sleep 0.05; done
        fi
        """;

    private const string EndScript = $"ERL_EPMD_PORT=\"$3\"; export ERL_EPMD_PORT\n{SignalScript}\nepmd -kill > /dev/null 2>&1\nexit 0";

    private readonly string program;
    private readonly string data = $"/tmp/eventsourcing-mq-{Guid.NewGuid():N}";
    private readonly int port = FreePort.Find();
    private readonly int nodePort = FreePort.Find();
    private readonly int mapperPort = FreePort.Find();
    private readonly Watchdog watchdog;
    private Process? process;

    private RabbitMqBroker(string program)
    {
        this.program = program;
        watchdog = Watchdog.Start(data, RabbitMqProgram.CommandLine("/bin/sh", "-c", EndScript, "end", data, "KILL", Text(mapperPort)));
    }

    /// <summary>Connects as <c>guest</c>, who may do everything. Stays the same when the broker is stopped and started.</summary>
    public Uri Address => new($"amqp://guest:guest@127.0.0.1:{Text(port)}");

    /// <summary>Starts the stopped broker and returns when it accepts connections.</summary>
    public async Task StartAsync(CancellationToken cancellationToken = default)
    {
        process = Run("start", StartScript, data, Text(port), Text(nodePort), Text(mapperPort), program);
        var factory = new ConnectionFactory { Uri = Address };
        var started = Stopwatch.StartNew();
        while (true)
        {
            try
            {
                await using var connection = await factory.CreateConnectionAsync(cancellationToken);
                return;
            }
            catch (BrokerUnreachableException notYet)
            {
                if (process.HasExited || started.Elapsed > startTime)
                {
                    throw new InvalidOperationException($"RabbitMQ does not start: {notYet.Message}\nIts log:\n{await LogAsync()}", notYet);
                }

                await Task.Delay(50, cancellationToken);
            }
        }
    }

    /// <summary>Stops the broker and returns when it is gone.</summary>
    /// <param name="immediate">True kills it (SIGKILL), false lets it shut down in order.</param>
    /// <param name="cancellationToken">Stops waiting; the broker may go later.</param>
    public async Task StopAsync(bool immediate, CancellationToken cancellationToken = default)
    {
        using var signal = Run("stop", SignalScript, data, immediate ? "KILL" : "TERM");
        await signal.WaitForExitAsync(cancellationToken);
        if (process is not null)
        {
            await process.WaitForExitAsync(cancellationToken);
            process.Dispose();
            process = null;
        }
    }

    /// <summary>Lets the broker hang: its connections stay open and it says nothing until it is resumed.</summary>
    public Task SuspendAsync(CancellationToken cancellationToken = default) =>
        // The signal is taken some time after it was sent: until then the broker still answers.
        RunToEndAsync("""kill -s STOP "$(cat "$1/pid")"; until grep -q "^State:.T" "/proc/$(cat "$1/pid")/status"; do sleep 0.01; done""", cancellationToken);

    /// <summary>Lets a suspended broker go on as if nothing had been.</summary>
    public Task ResumeAsync(CancellationToken cancellationToken = default) =>
        RunToEndAsync("""kill -s CONT "$(cat "$1/pid")" """, cancellationToken);

    /// <summary>Kills the broker and deletes its data.</summary>
    public async ValueTask DisposeAsync()
    {
        await watchdog.DisposeAsync();
        process?.Dispose();
    }

    internal static async Task<RabbitMqBroker> CreateAsync(string program, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            var broker = new RabbitMqBroker(program);
            try
            {
                await broker.StartAsync(cancellationToken);
                return broker;
            }
            catch (Exception failure)
            {
                await broker.DisposeAsync();

                // Another process may have taken a port since it was seen free.
                if (failure is not InvalidOperationException || attempt == StartAttempts)
                {
                    throw;
                }
            }
        }
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    private static Process Run(string name, string script, params string[] arguments)
    {
        var command = RabbitMqProgram.CommandLine(["/bin/sh", "-c", script, name, .. arguments]);
        var start = new ProcessStartInfo(command[0], command[1..]) { WorkingDirectory = "/", RedirectStandardInput = true };
        var process = Process.Start(start)!;
        process.StandardInput.Close();
        return process;
    }

    private async Task RunToEndAsync(string script, CancellationToken cancellationToken)
    {
        using var sending = Run("signal", script, data);
        await sending.WaitForExitAsync(cancellationToken);
    }

    private async Task<string> LogAsync()
    {
        var log = Path.Combine(data, "server.log");
        return File.Exists(log) ? await File.ReadAllTextAsync(log) : "(none)";
    }
}
