using EventSourcing.PostgreSql;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace EventSourcing.Torture;

/// <summary>All that an application with a container has: a store with an inline projection, a repository with cache and snapshots, a reactor,
/// a translator and the relay.</summary>
internal sealed class Application : IAsyncDisposable
{
    // Small, so that streams leave it again.
    private static readonly StreamCacheOptions Cache = new() { MaxStreams = Counter.Streams / 2, IsOptimistic = true };

    private readonly EffectFile effects;
    private readonly EffectFile published;
    private readonly ServiceProvider provider;

    public Application(NpgsqlDataSource dataSource, ChildOptions options, Action<PostgreSqlOptions> configure)
    {
        var process = Path.Combine(options.Folder, Guid.NewGuid().ToString("N"));
        effects = new EffectFile(process + EffectCheck.Ending);
        published = new EffectFile(process + PublishedCheck.Ending);
        var services = new ServiceCollection();
        services.AddSingleton(dataSource).AddSingleton(effects)
            .AddSingleton<IMessagePublisher>(new FilePublisher(published, new Random(options.Seed)));
        services.AddEventSourcing(library => library.Cache = Cache)
            .UsePostgreSql(configure: configure)
            .AddEvent<Moved>().AddEvent<Closed>().AddEvent<Cleared>().AddEvent<Counted>().AddEvent<Reminder>()
            .AddInlineView<Inlined, Tally>()
            .AddReactor<Echo>()
            .AddMessageTranslator<Tell>();
        provider = services.BuildServiceProvider();
    }

    public PostgreSqlEventStore Store => provider.GetRequiredService<PostgreSqlEventStore>();

    /// <summary>A repository whose appends are written down.</summary>
    public Repository RepositoryOf(RecordingAppender appender) => new(
        new RecordingStore(appender), Projections.Serializer, cache: Cache, snapshots: provider.GetRequiredService<ISnapshotStore>());

    public Task RunAsync(CancellationToken stopping) => Task.WhenAll(
        provider.GetRequiredService<ProjectionRunner>().RunAsync(stopping),
        provider.GetRequiredService<ReactorRunner>().RunAsync(stopping),
        provider.GetRequiredService<PublicMessageRunner>().RunAsync(stopping));

    public async ValueTask DisposeAsync()
    {
        await provider.DisposeAsync();
        effects.Dispose();
        published.Dispose();
    }
}
