using EventSourcing.PostgreSql;
using Npgsql;

namespace EventSourcing.Benchmarks;

/// <summary>A runner with one view projection, on the store given or on one of its own; tells events when their page is committed.</summary>
internal sealed class ProjectionFollower : IFollower
{
    private readonly PostgreSqlEventStore store;
    private readonly bool isOwn;
    private readonly ToldProjection projection;

    public ProjectionFollower(NpgsqlDataSource dataSource, string schema, PostgreSqlEventStore? shared = null)
    {
        isOwn = shared is null;
        store = shared ?? new PostgreSqlEventStore(dataSource, new PostgreSqlOptions { Schema = schema });
        projection = new ToldProjection(Bind(store));
        Runner = NewRunner(store, projection);
    }

    public ProjectionRunner Runner { get; }

    /// <summary>The projection alone, for somebody who does not run it and waits for it.</summary>
    public static ProjectionRunner NewWaiting(PostgreSqlEventStore store) => NewRunner(store, Bind(store));

    public async Task FollowAsync(long after, Action onReady, Action<long> onEvent, CancellationToken cancellationToken)
    {
        var failed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        projection.OnApplied = position =>
        {
            try
            {
                // What was appended before is not told: it is not measured.
                if (position > after)
                {
                    onEvent(position);
                }
            }
            catch (InvalidOperationException wrong)
            {
                // Not the projection's failure, which would be tried again.
                failed.TrySetException(wrong);
            }
        };
        var running = Runner.RunAsync(cancellationToken);
        await (await Task.WhenAny(running, Runner.WaitForAsync(LastSeen.Name, new LogPosition(after), cancellationToken)));
        onReady();
        await (await Task.WhenAny(running, failed.Task));
    }

    public ValueTask DisposeAsync() => isOwn ? store.DisposeAsync() : ValueTask.CompletedTask;

    private static IProjection Bind(PostgreSqlEventStore store) => ((IViewStore)new PostgreSqlViewStore(store, LastSeen.Serializer)).Bind(new LastSeen());

    private static ProjectionRunner NewRunner(PostgreSqlEventStore store, IProjection projection) =>
        new(store, LastSeen.Serializer, [projection], consumers: new PostgreSqlConsumerStore(store));

    /// <summary>Looks on from outside: when a page has been applied, it is committed.</summary>
    private sealed class ToldProjection(IProjection projection) : IProjection
    {
        public Action<long> OnApplied { get; set; } = _ => { };

        public string Name => projection.Name;

        public int Version => projection.Version;

        public IReadOnlyCollection<Type> EventTypes => projection.EventTypes;

        public Task<LogPosition> LoadPositionAsync(ConsumerLease lease, CancellationToken cancellationToken) =>
            projection.LoadPositionAsync(lease, cancellationToken);

        public async Task ApplyAsync(ConsumerLease lease, EventPage page, CancellationToken cancellationToken)
        {
            await projection.ApplyAsync(lease, page, cancellationToken);
            foreach (var envelope in page.Events)
            {
                OnApplied(envelope.Position.Value);
            }
        }
    }
}
