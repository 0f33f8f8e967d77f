using EventSourcing.PostgreSql;
using Npgsql;

namespace EventSourcing.Benchmarks;

/// <summary>A subscription to a store: the one given, or one of its own.</summary>
internal sealed class OursFollower(NpgsqlDataSource dataSource, string schema, PostgreSqlEventStore? shared = null) : IFollower
{
    private readonly PostgreSqlEventStore store = shared ?? new PostgreSqlEventStore(dataSource, new PostgreSqlOptions { Schema = schema });

    public async Task FollowAsync(long after, Action onReady, Action<long> onEvent, CancellationToken cancellationToken)
    {
        var isReady = false;
        var options = new SubscriptionOptions { From = Checkpoint.After(new LogPosition(after)) };
        await foreach (var message in store.SubscribeAsync(options, cancellationToken))
        {
            if (message is EventReceived received)
            {
                onEvent(received.Event.Position.Value);
            }
            else if (message is CaughtUp && !isReady)
            {
                isReady = true;
                onReady();
            }
        }
    }

    public ValueTask DisposeAsync() => shared is null ? store.DisposeAsync() : ValueTask.CompletedTask;
}
