using Microsoft.Extensions.Logging;
using Npgsql;

namespace EventSourcing.PostgreSql;

/// <summary>
/// Hears from other processes that they have appended, on a connection of its own. It may fail at any time: it then
/// tries again, in growing pauses, and meanwhile the tail looks for itself.
/// </summary>
internal sealed class AppendListener : IAsyncDisposable
{
    private const int KeepAliveSeconds = 30;

    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan LongestFarewell = TimeSpan.FromSeconds(1);

    private readonly NpgsqlDataSource dataSource;
    private readonly string? connectionString;
    private readonly ServerRoute route;
    private readonly AppendChannel channel;
    private readonly Action heard;
    private readonly TimeProvider time;
    private readonly ILogger logger;
    private readonly CancellationTokenSource stopping = new();
    private readonly Task running;
    private bool isListening;

    /// <summary>Begins to listen.</summary>
    /// <param name="dataSource">The store's database.</param>
    /// <param name="connectionString">A way to it around a proxy; null where there is none to go around.</param>
    /// <param name="route">Knows whether there is a proxy that nobody goes around: then nothing is listened for.</param>
    /// <param name="channel">Where to listen.</param>
    /// <param name="heard">Called when another store has appended, or may have.</param>
    /// <param name="time">The clock for pauses.</param>
    /// <param name="logger">Told when the connection is lost, and when it is back.</param>
    public AppendListener(
        NpgsqlDataSource dataSource, string? connectionString, ServerRoute route, AppendChannel channel, Action heard, TimeProvider time, ILogger logger)
    {
        this.dataSource = dataSource;
        this.connectionString = connectionString;
        this.route = route;
        this.channel = channel;
        this.heard = heard;
        this.time = time;
        this.logger = logger;
        running = Task.Run(RunAsync);
    }

    /// <summary>Whether the connection is there, as far as is known.</summary>
    public bool IsListening => Volatile.Read(ref isListening);

    public async ValueTask DisposeAsync()
    {
        await stopping.CancelAsync().ConfigureAwait(false);

        // Nobody waits for a server that does not answer; what is left ends by itself.
        await running.WaitAsync(LongestFarewell, time).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private async Task RunAsync()
    {
        for (var failures = 0; !stopping.IsCancellationRequested; failures++)
        {
            if (failures > 0)
            {
                var pause = FirstPause * Math.Pow(2, Math.Min(failures - 1, 10)) * (0.5 + Random.Shared.NextDouble());
                await Task.Delay(pause < LongestPause ? pause : LongestPause, time, stopping.Token)
                    .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }

            // Cancelled, lost, refused, the data source disposed: nothing depends on it, so no caller is told.
            var listening = ListenAsync(onBegin: () => failures = OnBegin(failures));
            await listening.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            Volatile.Write(ref isListening, false);
            if (listening.IsCompletedSuccessfully)
            {
                return;
            }

            if (failures == 0 && !stopping.IsCancellationRequested)
            {
                // Once for each outage: while it lasts, every further attempt says the same.
                Log.ListenerLost(logger, listening.Exception?.InnerException);
            }
        }
    }

    /// <summary>The number of failures since the connection was there last: none now.</summary>
    private int OnBegin(int failures)
    {
        if (failures > 0)
        {
            Log.ListenerBack(logger);
        }

        return 0;
    }

    /// <summary>Not from the pool: it would be one connection less for everyone else, as long as somebody follows the log.</summary>
    private async Task<NpgsqlConnection> ConnectAsync()
    {
        var settings = new NpgsqlConnectionStringBuilder(connectionString ?? dataSource.ConnectionString) { Pooling = false, Enlist = false };
        if (settings.Host?.Contains(',', StringComparison.Ordinal) == true)
        {
            // Nothing is said on a standby.
            settings.TargetSessionAttributes = "primary";
        }

        if (settings.KeepAlive == 0)
        {
            settings.KeepAlive = KeepAliveSeconds;
        }

        NpgsqlConnection connection;
        if (connectionString is null)
        {
            // The data source does not tell its password, but passes it on.
            var model = dataSource.CreateConnection();
            await using (model.ConfigureAwait(false))
            {
                connection = await model.CloneWithAsync(settings.ConnectionString, stopping.Token).ConfigureAwait(false);
            }
        }
        else
        {
            connection = new NpgsqlConnection(settings.ConnectionString);
        }

        try
        {
            await connection.OpenAsync(stopping.Token).ConfigureAwait(false);
            return connection;
        }
        catch
        {
            await connection.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Listens until it fails; completes where there is nothing to be heard.</summary>
    private async Task ListenAsync(Action onBegin)
    {
        var connection = await ConnectAsync().ConfigureAwait(false);
        await using (connection.ConfigureAwait(false))
        {
            // Through one that pools transactions the server would tell whoever uses its connection next. One that pools sessions looks the
            // same from here, and is listened through where it is named as the way to listen.
            if (connectionString is null && !await route.IsDirectAsync(connection, stopping.Token).ConfigureAwait(false))
            {
                return;
            }

            connection.Notification += (_, notification) =>
            {
                // What this store appends itself it knows already.
                if (notification.Payload != channel.Sender)
                {
                    heard();
                }
            };
            var command = new NpgsqlCommand($"listen {channel.Name}", connection);
            await using (command.ConfigureAwait(false))
            {
                await command.ExecuteNonQueryAsync(stopping.Token).ConfigureAwait(false);
            }

            onBegin();
            Volatile.Write(ref isListening, true);

            // What was said before nobody has heard.
            heard();
            while (true)
            {
                await connection.WaitAsync(stopping.Token).ConfigureAwait(false);
            }
        }
    }
}
