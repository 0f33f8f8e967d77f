using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace EventSourcing.PostgreSql;

public sealed class PostgreSqlProjectionTests
{
    private static readonly EventSerializer Serializer = new(new EventTypeRegistry().Add<Counted>());

    private static readonly ConsumerOptions Quick = new() { FirstRetryDelay = TimeSpan.FromMilliseconds(1), PageSize = 10 };

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_page_that_fails_leaves_neither_rows_nor_a_checkpoint()
    {
        await using var database = await TestDatabase.CreateAsync();
        await AppendAsync(database, 1, 2, 3);
        var projection = new CountProjection(database.Store, before: counted =>
            counted.By == 3 ? throw new InvalidOperationException("poison") : Task.CompletedTask);
        var runner = Runner(database.Store, projection, Quick);

        var failure = (await FluentActions.Awaiting(() => runner.CatchUpAsync(Cancellation)).Should().ThrowAsync<ConsumerFailedException>()).Which;

        failure.InnerException.Should().BeOfType<EventHandlingException>().Which.Position.Should().Be(new LogPosition(3));
        (await projection.TotalAsync(database.DataSource)).Should().Be(3, "what came before the poison event is applied, once");
        (await runner.GetStatusAsync(Cancellation))[0].Should().Match<ConsumerStatus>(status =>
            status.Position == new LogPosition(2) && status.State == ConsumerState.Failed && status.Error!.Contains("poison"));
    }

    [Fact]
    public async Task A_parked_event_is_applied_by_itself_once()
    {
        await using var database = await TestDatabase.CreateAsync();
        await AppendAsync(database, 1, 2, 4);
        var isBroken = true;
        var projection = new CountProjection(database.Store, before: counted =>
            isBroken && counted.By == 2 ? throw new InvalidOperationException("poison") : Task.CompletedTask);
        var runner = Runner(database.Store, projection, Quick with { OnPoison = PoisonAction.Park });
        await runner.CatchUpAsync(Cancellation);
        (await projection.TotalAsync(database.DataSource)).Should().Be(5);
        var letter = (await runner.ListDeadLettersAsync("counts", Cancellation)).Should().ContainSingle().Which;

        await FluentActions.Awaiting(() => runner.RetryDeadLetterAsync(letter, Cancellation)).Should().ThrowAsync<EventHandlingException>();
        (await projection.TotalAsync(database.DataSource)).Should().Be(5);
        isBroken = false;
        (await runner.RetryDeadLetterAsync(letter, Cancellation)).Should().BeTrue();
        (await runner.RetryDeadLetterAsync(letter, Cancellation)).Should().BeFalse();

        (await projection.TotalAsync(database.DataSource)).Should().Be(7);
        (await runner.ListDeadLettersAsync("counts", Cancellation)).Should().BeEmpty();
    }

    [Fact]
    public async Task A_failure_that_passes_costs_nothing()
    {
        await using var database = await TestDatabase.CreateAsync();
        await AppendAsync(database, [.. Enumerable.Repeat(1, 50)]);
        var failures = 0;
        var projection = new CountProjection(database.Store, before: _ =>
            Random.Shared.Next(10) == 0 && failures++ < 100 ? throw new TimeoutException("passing") : Task.CompletedTask);
        var runner = Runner(database.Store, projection, Quick with { MaxAttempts = 50 });

        await runner.CatchUpAsync(Cancellation);

        (await projection.TotalAsync(database.DataSource)).Should().Be(50);
    }

    [Fact]
    public async Task Two_processes_that_run_one_projection_apply_each_event_once()
    {
        await using var database = await TestDatabase.CreateAsync();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        var projections = Enumerable.Range(0, 2).Select(_ => new CountProjection(database.NewStore())).ToArray();
        var runners = projections.Select(projection => Runner(database.NewStore(), projection, Quick)).ToArray();
        var running = runners.Select(runner => runner.RunAsync(stop.Token)).ToArray();

        var last = LogPosition.Start;
        for (var i = 0; i < 100; i++)
        {
            last = await AppendAsync(database, 1, 1, 1);
        }

        await Task.WhenAll(runners.Select(runner => runner.WaitForAsync("counts", last, Cancellation))).WaitAsync(TimeSpan.FromSeconds(60), Cancellation);
        await stop.CancelAsync();
        await Task.WhenAll(running);
        (await projections[0].TotalAsync(database.DataSource)).Should().Be(300);
    }

    [Fact]
    public async Task A_read_model_ahead_of_its_log_stops_loudly()
    {
        await using var database = await TestDatabase.CreateAsync();
        await AppendAsync(database, 1, 2, 3);
        var projection = new CountProjection(database.Store);
        await Runner(database.Store, projection).CatchUpAsync(Cancellation);
        await database.ExecuteAsync("delete from {schema}.events where position > 1");

        var runner = Runner(database.NewStore(), projection);
        var failure = await FluentActions.Awaiting(() => runner.CatchUpAsync(Cancellation)).Should().ThrowAsync<ConsumerFailedException>();

        failure.WithInnerException<CheckpointAheadOfLogException>();
    }

    [Fact]
    public async Task A_host_installs_the_schema_and_runs_projections_from_its_start()
    {
        await using var database = await TestDatabase.CreateAsync();
        await database.ExecuteAsync("drop schema {schema} cascade");
        var builder = Host.CreateApplicationBuilder();
        builder.Services.AddEventSourcing()
            .AddEvent<Counted>()
            .AddProjection<HostedCounts>()
            .UsePostgreSql(database.ConnectionString, options =>
            {
                options.Schema = database.SchemaName;
                options.InstallSchemaAtStart = true;
            });
        using var host = builder.Build();
        await host.StartAsync(Cancellation);

        var repository = host.Services.GetRequiredService<IRepository>();
        var result = await repository.ExecuteAsync("count-1", 0, (count, _) => count + 1, _ => [new Counted(5)], cancellationToken: Cancellation);
        await host.Services.GetRequiredService<ProjectionRunner>().WaitForAsync("hosted", result.Position, Cancellation).WaitAsync(TimeSpan.FromSeconds(60), Cancellation);

        HostedCounts.Total.Should().Be(5);
        await host.StopAsync(Cancellation);
    }

    private static ProjectionRunner Runner(PostgreSqlEventStore store, IProjection projection, ConsumerOptions? options = null) =>
        new(store, Serializer, [projection], options, new PostgreSqlConsumerStore(store), new PostgreSqlDeadLetterStore(store));

    private static async Task<LogPosition> AppendAsync(TestDatabase database, params int[] counts)
    {
        var events = counts.Select(count => Serializer.Serialize(new Counted(count))).ToArray();
        return (await database.Store.AppendAsync("count-1", ExpectedVersion.Any, events, Cancellation)).Position;
    }

    private sealed class HostedCounts : PostgreSqlProjection
    {
        public HostedCounts(PostgreSqlEventStore store)
            : base("hosted", store) => On<Counted>((counted, _, _) =>
            {
                Total += counted.By;
                return Task.CompletedTask;
            });

        public static int Total { get; private set; }
    }
}
