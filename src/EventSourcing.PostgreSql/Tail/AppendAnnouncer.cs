using Npgsql;

namespace EventSourcing.PostgreSql;

/// <summary>
/// Tells the other processes that something was appended: at once, and then at most once in a while, the last append
/// included. It never holds up an append, nor fails one: who hears nothing looks for himself.
/// </summary>
/// <remarks>Never in the append's transaction: such a one takes a lock of the whole server at its commit, and writers queue for it.</remarks>
internal sealed class AppendAnnouncer(ServerSession session, AppendChannel channel, TimeProvider time) : IAsyncDisposable
{
    private static readonly TimeSpan Gap = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan LongestFarewell = TimeSpan.FromSeconds(1);

    private readonly CancellationTokenSource closing = new();
    private readonly Lock gate = new();
    private Task sending = Task.CompletedTask;
    private bool isDue;
    private bool isSending;

    /// <summary>Something was appended; it is committed.</summary>
    public void Announce()
    {
        // One that is still to be sent tells of this append too.
        if (Volatile.Read(ref isDue))
        {
            return;
        }

        lock (gate)
        {
            isDue = true;
            if (!isSending)
            {
                isSending = true;
                sending = Task.Run(SendAsync);
            }
        }
    }

    /// <summary>Sends what is due, if the server takes it at once.</summary>
    public async ValueTask DisposeAsync()
    {
        await closing.CancelAsync().ConfigureAwait(false);
        Task last;
        lock (gate)
        {
            last = sending;
        }

        await last.WaitAsync(LongestFarewell, time).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private async Task SendAsync()
    {
        while (TryTake())
        {
            // Whatever fails: the append is stored, and the others find it when they look.
            await ((Task)SendOnceAsync()).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await Task.Delay(Gap, time, closing.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private Task<bool> SendOnceAsync() => session.OnConnectionAsync(
        connection => session.RunAsync(
            connection,
            transaction: null,
            "select pg_notify($1, $2)",
            parameters =>
            {
                parameters.Add(new NpgsqlParameter<string> { TypedValue = channel.Name });
                parameters.Add(new NpgsqlParameter<string> { TypedValue = channel.Sender });
            },
            _ => Task.FromResult(true),
            CancellationToken.None),
        CancellationToken.None);

    private bool TryTake()
    {
        lock (gate)
        {
            if (!isDue)
            {
                isSending = false;
                return false;
            }

            isDue = false;
            return true;
        }
    }
}
