using EventSourcing.PostgreSql;
using EventSourcing.TestInfrastructure;
using Npgsql;

namespace EventSourcing.Torture;

/// <summary>
/// Input that nobody should send, to everything that takes any, and rows that nobody should write: an answer or a documented exception,
/// the same from every adapter, and nothing else is touched.
/// </summary>
internal static class Hostile
{
    private const int MaxEventBytes = 1_000_000;

    private static readonly ConsumerOptions Impatient = new()
    {
        PageSize = 50, MaxAttempts = 2, FirstRetryDelay = TimeSpan.FromMilliseconds(1), LongestRetryDelay = TimeSpan.FromMilliseconds(2), OnPoison = PoisonAction.Park,
    };

    public static async Task RunAsync(TortureRun run)
    {
        var server = await PostgreSqlServer.GetAsync();
        await using var dataSource = NpgsqlDataSource.Create(server.ConnectionString);
        var options = new PostgreSqlOptions { Schema = PostgreSqlServer.NewSchemaName(), MaxEventBytes = MaxEventBytes };
        await using var store = new PostgreSqlEventStore(dataSource, options);
        await store.Schema.InstallAsync();
        var adapters = new[] { Adapter.InMemory(Texts.Serializer, MaxEventBytes), Adapter.PostgreSql(Texts.Serializer, store) };
        var runners = adapters.Select(adapter => new ProjectionRunner(
            adapter.Store, Texts.Serializer, [adapter.Views.Bind(new Texts(keepsZero: false))], Impatient, adapter.Consumers, adapter.Letters)).ToArray();
        var witness = await Witness.CreateAsync(dataSource, options.Schema);
        await using var damaged = await Damaged.CreateAsync(dataSource);
        var isLong = run.Duration > TimeSpan.FromSeconds(20);
        var trial = new Trial(run);
        await using var damagedToo = await Damaged.CreateAsync(dataSource);
        await using var application = await DamagedApplication.StartAsync(trial, run.RandomFor("application"), damagedToo);

        using var over = run.Begin();
        var damaging = application.RunAsync(over.Token);
        var appends = new AppendRound(trial, run.RandomFor("appends"), adapters);
        var projections = new ProjectionRound(trial, run.RandomFor("projections"), adapters, runners);
        await appends.LargeAsync(isLong ? 10_000 : 500, isLong ? 1_000 : 50, MaxEventBytes);
        for (var round = 0; round == 0 || !over.IsCancellationRequested; round++)
        {
            await new ValuesRound(trial, run.RandomFor("values", round)).RunAsync(100);
            await appends.RunAsync(50);
            foreach (var adapter in adapters)
            {
                await new ReadRound(trial, run.RandomFor("reads", round), adapter, appends.Streams).RunAsync(30);
            }

            await projections.RunAsync(30);
            await new StreamDamage(trial, run.RandomFor("damage", round), damaged).RunAsync(3);
            await new NamesRound(trial, run.RandomFor("names", round), adapters, runners).RunAsync(10);
            await new TypedRound(trial, run.RandomFor("typed", round), adapters).RunAsync(20);
            await witness.CheckAsync(trial);
            run.Count("rounds");
        }

        await damaging;
    }
}
