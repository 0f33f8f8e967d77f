using System.Data;
using System.Runtime.CompilerServices;
using Npgsql;

namespace EventSourcing.PostgreSql;

/// <summary>
/// Connections that the store has just used and will use again at once. Given back to the driver's pool, each would be reset
/// before its next statement, which takes the server as long as a small read. The store leaves no trace in a session, so
/// between its own statements there is nothing to reset.
/// </summary>
/// <remarks>A few only, of all stores on the pool together a quarter of it at most, and not for long: the pool is the application's too.</remarks>
internal sealed class IdleConnections : IAsyncDisposable
{
    private const int Most = 32;
    private static readonly TimeSpan Rest = TimeSpan.FromMilliseconds(500);

    // Where many stores share a pool, those of tenants for instance, one connection each would be more than there are.
    private static readonly ConditionalWeakTable<NpgsqlDataSource, StrongBox<int>> KeptOf = [];

    private readonly NpgsqlDataSource dataSource;
    private readonly StrongBox<int> kept;
    private readonly int capacity;
    private readonly ITimer timer;
    private readonly Lock gate = new();
    private readonly Stack<NpgsqlConnection> idle = [];

    // The fewest that have been idle since the timer looked last: those were not needed.
    private int unused;
    private bool isTimed;
    private bool isClosed;

    public IdleConnections(NpgsqlDataSource dataSource, TimeProvider time)
    {
        this.dataSource = dataSource;
        kept = KeptOf.GetOrCreateValue(dataSource);
        capacity = Math.Min(Most, new NpgsqlConnectionStringBuilder(dataSource.ConnectionString).MaxPoolSize / 4);
        timer = time.CreateTimer(_ => GiveBackUnused(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>A connection for one statement after the other, never for a transaction or a setting.</summary>
    public ValueTask<NpgsqlConnection> TakeAsync(CancellationToken cancellationToken)
    {
        lock (gate)
        {
            if (idle.TryPop(out var connection))
            {
                unused = Math.Min(unused, idle.Count);
                Interlocked.Decrement(ref kept.Value);
                return new ValueTask<NpgsqlConnection>(connection);
            }
        }

        return Connecting.OpenAsync(dataSource, cancellationToken);
    }

    /// <summary>Keeps a connection after a statement that succeeded. After a failure it is disposed instead.</summary>
    public ValueTask PutBackAsync(NpgsqlConnection connection)
    {
        lock (gate)
        {
            if (!isClosed && connection.FullState == ConnectionState.Open && MayKeep())
            {
                idle.Push(connection);
                if (!isTimed)
                {
                    isTimed = true;
                    unused = 0;
                    timer.Change(Rest, Timeout.InfiniteTimeSpan);
                }

                return ValueTask.CompletedTask;
            }
        }

        return connection.DisposeAsync();
    }

    /// <summary>Gives all of them back, for instance because one has turned out to be dead.</summary>
    public void Clear() => GiveBack(int.MaxValue);

    public async ValueTask DisposeAsync()
    {
        lock (gate)
        {
            isClosed = true;
        }

        await timer.DisposeAsync().ConfigureAwait(false);
        Clear();
    }

    private bool MayKeep()
    {
        if (Interlocked.Increment(ref kept.Value) <= capacity)
        {
            return true;
        }

        Interlocked.Decrement(ref kept.Value);
        return false;
    }

    private void GiveBackUnused()
    {
        int count;
        lock (gate)
        {
            count = unused;
            unused = idle.Count - count;
            isTimed = unused > 0 && !isClosed;
            if (isTimed)
            {
                timer.Change(Rest, Timeout.InfiniteTimeSpan);
            }
        }

        GiveBack(count);
    }

    private void GiveBack(int count)
    {
        var done = new List<NpgsqlConnection>();
        lock (gate)
        {
            while (done.Count < count && idle.TryPop(out var connection))
            {
                done.Add(connection);
                Interlocked.Decrement(ref kept.Value);
            }
        }

        foreach (var connection in done)
        {
            connection.Dispose();
        }
    }
}
