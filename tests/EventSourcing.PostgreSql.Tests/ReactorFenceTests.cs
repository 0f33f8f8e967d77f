using System.Collections.Concurrent;
using EventSourcing.Conformance;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace EventSourcing.PostgreSql;

/// <summary>Reactors in several processes over one database: whoever has lost the lease stores nothing.</summary>
public sealed class ReactorFenceTests
{
    private static readonly EventSerializer Serializer = new(new EventTypeRegistry().Add<Ordered>().Add<Paid>().Add<Reminder>());

    private static readonly ConsumerOptions Quick = new() { LeaseTime = TimeSpan.FromMilliseconds(600) };

    private readonly ConcurrentQueue<Effect> effects = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_stale_owner_stores_no_receipt_and_the_next_one_handles_the_event_with_the_same_key()
    {
        await using var database = await TestDatabase.CreateAsync();
        using var begun = new SemaphoreSlim(0);
        using var goOn = new SemaphoreSlim(0);
        var stale = Runner(database.NewStore(), new Shop(effects, onOrdered: async (_, context) =>
        {
            begun.Release();
            context.Schedule(new Reminder(1), TimeSpan.FromHours(1));

            // Deaf to its token, as a process that is stopped in the middle of it would be.
            await goOn.WaitAsync(TimeSpan.FromSeconds(60), CancellationToken.None);
        }));
        await database.Store.AppendAsync("order-1", ExpectedVersion.Any, [Serializer.Serialize(new Ordered(1))], Cancellation);
        await using var running = new RunUnderWay(stale.RunAsync);
        await begun.WaitAsync(TimeSpan.FromSeconds(60), Cancellation);

        // Everybody takes it for dead: the row is another's now.
        await database.ExecuteAsync("update {schema}.consumers set epoch = epoch + 1, owner = gen_random_uuid(), lease_until = now() + interval '1 hour'");
        goOn.Release();
        await Task.Delay(300, Cancellation);
        (await database.ScalarAsync<long>("select count(*) from {schema}.reactor_receipts")).Should().Be(0);
        (await database.ScalarAsync<long>("select count(*) from {schema}.scheduled_messages")).Should().Be(0);
        (await database.ScalarAsync<long>("select max(position) from {schema}.consumers")).Should().Be(0);

        await database.ExecuteAsync("update {schema}.consumers set lease_until = now()");
        goOn.Release(10);
        await Runner(database.NewStore(), new Shop(effects)).CatchUpAsync(Cancellation).WaitAsync(TimeSpan.FromSeconds(60), Cancellation);
        (await database.ScalarAsync<long>("select count(*) from {schema}.reactor_receipts")).Should().Be(1);
        effects.Should().HaveCount(2).And.AllBeEquivalentTo(effects.First());
    }

    [Fact]
    public async Task Whatever_is_written_under_an_older_epoch_is_refused()
    {
        await using var database = await TestDatabase.CreateAsync();
        var store = new PostgreSqlReactorStore(database.Store);
        var appended = await database.Store.AppendAsync("order-1", ExpectedVersion.Any, [Serializer.Serialize(new Ordered(1))], Cancellation);
        await Runner(database.Store, new Shop(effects, LogPosition.Start, onOrdered: (_, context) =>
        {
            context.Schedule(new Reminder(1), TimeSpan.FromHours(1), "key");
            return Task.CompletedTask;
        })).CatchUpAsync(Cancellation);
        var row = (await new PostgreSqlConsumerStore(database.Store).ReadAsync("Shop: mails", Cancellation)).Rows.Single();
        var stale = new ConsumerLease(row.Key, row.Role, row.Epoch - 1);
        var message = (await store.ListMessagesAsync("Shop: mails", Cancellation)).Single();
        var next = new EventPage(appended.Position, [], new LogPosition(5));
        var outcome = new ReactorOutcome(Guid.NewGuid(), new LogPosition(5)) { Cancelled = ["key"] };
        Func<Task>[] writes =
        [
            () => store.LoadAsync(stale, Cancellation),
            () => store.MoveAsync(stale, next, outcome: null, Cancellation),
            () => store.MoveAsync(stale, next, outcome, Cancellation),
            () => store.FindNextMessageAsync(stale, TimeSpan.FromHours(2), Cancellation),
            () => store.SettleMessageAsync(stale, message, outcome, Cancellation),
            () => store.PostponeMessageAsync(stale, message with { Attempts = 1 }, pause: null, Cancellation),

            // The epoch is right, but it stands elsewhere.
            () => store.MoveAsync(stale with { Epoch = row.Epoch }, next with { From = LogPosition.Start }, outcome, Cancellation),
        ];

        foreach (var write in writes)
        {
            await write.Should().ThrowAsync<LeaseLostException>();
        }

        (await store.ListMessagesAsync("Shop: mails", Cancellation)).Should().ContainSingle().Which.Attempts.Should().Be(0);
        (await database.ScalarAsync<long>("select count(*) from {schema}.reactor_receipts")).Should().Be(1);
        (await store.LoadAsync(stale with { Epoch = row.Epoch }, Cancellation)).Should().Be(new ReactorCursor(appended.Position, appended.Position));
    }

    [Fact]
    public async Task Connections_that_are_cut_are_made_anew_and_the_message_comes()
    {
        await using var database = await TestDatabase.CreateAsync();
        var runner = Runner(database.NewStore(), new Shop(effects, onOrdered: (ordered, context) =>
        {
            context.Schedule(new Reminder(ordered.Number), TimeSpan.FromMilliseconds(500));
            return Task.CompletedTask;
        }));
        await using var running = new RunUnderWay(runner.RunAsync);
        var appended = await database.Store.AppendAsync("order-1", ExpectedVersion.Any, [Serializer.Serialize(new Ordered(1))], Cancellation);
        await runner.WaitForAsync("Shop: mails", appended.Position, Cancellation).WaitAsync(TimeSpan.FromSeconds(60), Cancellation);

        // Every connection of this database's other sessions is cut, as by a failover.
        await database.ExecuteAsync("select pg_terminate_backend(pid) from pg_stat_activity where pid <> pg_backend_pid() and query like '%{schema}%'");

        using var patience = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        patience.CancelAfter(TimeSpan.FromSeconds(60));
        while (effects.Count < 2)
        {
            await Task.Delay(10, patience.Token);
        }

        effects.Select(effect => effect.What).Should().Equal("ordered", "reminder");
    }

    [Fact]
    public async Task A_host_runs_reactors_from_its_start_and_their_commands_reach_their_handlers()
    {
        await using var database = await TestDatabase.CreateAsync();
        var builder = Host.CreateApplicationBuilder();
        builder.Services.AddEventSourcing(options => options.Reactors = Quick)
            .AddEvent<Ordered>()
            .AddEvent<Paid>()
            .AddCommandHandler<Pay, PayHandler>()
            .AddReactor<Payments>()
            .UsePostgreSql(database.ConnectionString, options => options.Schema = database.SchemaName);
        using var host = builder.Build();
        await host.StartAsync(Cancellation);
        var repository = host.Services.GetRequiredService<IRepository>();

        await repository.ExecuteAsync(
            "order-7", 0, (count, _) => count + 1, _ => [new Ordered(7)], new CommandContext { CorrelationId = "conversation" }, Cancellation);
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        patience.CancelAfter(TimeSpan.FromSeconds(60));
        RecordedEvent? paid = null;
        while (paid is null)
        {
            await Task.Delay(10, patience.Token);
            paid = await database.Store.ReadStreamAsync("payment-7", cancellationToken: Cancellation).FirstOrDefaultAsync(Cancellation);
        }

        var ordered = await database.Store.ReadStreamAsync("order-7", cancellationToken: Cancellation).FirstAsync(Cancellation);
        var metadata = Serializer.Deserialize(paid).Metadata;
        (metadata.CorrelationId, metadata.CausationId).Should().Be(("conversation", ordered.Id.ToString()));
        await host.StopAsync(Cancellation);
    }

    private static ReactorRunner Runner(PostgreSqlEventStore store, Shop shop) => new(
        store,
        Serializer,
        [shop],
        new PostgreSqlReactorStore(store),
        new PostgreSqlConsumerStore(store),
        new PostgreSqlDeadLetterStore(store),
        options: Quick);

    private sealed record Pay(int Number);

    private sealed class PayHandler(IRepository repository) : ICommandHandler<Pay>
    {
        public Task<CommandResult> HandleAsync(Pay command, CommandContext context, CancellationToken cancellationToken = default) =>
            repository.ExecuteAsync($"payment-{command.Number}", 0, (count, _) => count + 1, count => count == 0 ? [new Paid(command.Number)] : [], context, cancellationToken);
    }

    private sealed class Payments : Reactor
    {
        public Payments()
            : base("payments", LogPosition.Start) => On<Ordered>((ordered, context) => context.SendAsync(new Pay(ordered.Number)));
    }
}
