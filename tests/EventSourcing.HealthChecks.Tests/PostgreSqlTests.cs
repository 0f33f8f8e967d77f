using System.Net;
using System.Net.Sockets;
using EventSourcing.PostgreSql;
using EventSourcing.TestInfrastructure;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Npgsql;

namespace EventSourcing.HealthChecks;

/// <summary>What one process sees of others through a store that they share, and when it cannot look.</summary>
public sealed class PostgreSqlTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task One_process_sees_what_has_failed_and_what_has_stopped_in_another()
    {
        var build = await SchemaAsync();
        await using var looking = new Application(build);
        await using (var running = await Application.StartAsync(build))
        {
            await looking.UntilAsync(HealthStatus.Healthy);
            running.Handling.OnFold = _ => throw new InvalidOperationException("broken on purpose");
            await looking.AppendAsync(1);

            (await looking.UntilAsync(HealthStatus.Unhealthy, entry => entry.Of("counts").State == "Failed"))
                .Description.Should().StartWith("counts has failed: ").And.Contain("broken on purpose");

            running.Handling.OnFold = _ => { };
            await looking.Projections.ResumeAsync("counts", Cancellation);
            (await looking.UntilAsync(HealthStatus.Healthy, entry => entry.Of("counts") is { Position: 1, State: "Live" })).Of("counts").Owners.Should().ContainSingle();
        }

        (await looking.CheckAsync()).Description.Should().Be("counts does not run; mails does not run");
    }

    [Fact]
    public async Task What_a_newer_version_replaces_need_not_run_while_that_is_built()
    {
        var build = await SchemaAsync();
        await using (var old = await Application.StartAsync(build))
        {
            await old.AppendAsync(1);
            await old.UntilAsync(HealthStatus.Healthy, entry => entry.Of("counts").Position == 1);
        }

        var opened = new TaskCompletionSource();
        var handling = new Handling { Version = 2, OnFold = _ => opened.Task.Wait(Cancellation) };
        await using var application = await Application.StartAsync(build, handling: handling);
        try
        {
            var entry = await application.UntilAsync(
                HealthStatus.Healthy, entry => entry.Data.ContainsKey("counts (building)") && entry.Of("counts (building)").State == "CatchingUp");

            (entry.Of("counts").State, entry.Of("counts").Owners.Count).Should().Be(("Stopped", 0));
        }
        finally
        {
            opened.SetResult();
        }

        await application.UntilAsync(HealthStatus.Healthy, entry => entry.Data.Count == 2 && entry.Of("counts").State == "Live");
    }

    [Fact]
    public async Task An_append_that_readers_wait_for_is_shown_with_its_holder()
    {
        var build = await SchemaAsync();
        await using var application = await Application.StartAsync(build, options => options.MaxLag = TimeSpan.FromMilliseconds(300));
        await application.UntilAsync(HealthStatus.Healthy);
        var store = (PostgreSqlEventStore)application.Store;
        await using var dataSource = NpgsqlDataSource.Create($"{await ConnectionStringAsync()};Application Name=slow");
        await using var connection = await dataSource.OpenConnectionAsync(Cancellation);
        await using var transaction = await connection.BeginTransactionAsync(Cancellation);
        await store.AppendAsync(new AppendRequest(new StreamAppend("count-2", ExpectedVersion.Any, [application.Event(1)])), transaction, Cancellation);
        await application.AppendAsync(2);

        var entry = await application.UntilAsync(HealthStatus.Degraded, entry => entry.Data.ContainsKey("waitsFor"));

        entry.Description.Should().Contain("readers wait for an append of process ").And.Contain("(slow)");
        ((OpenAppend[])entry.Data["waitsFor"]).Should().Contain(append => append.Holder.Contains("(slow)"));
        await transaction.CommitAsync(Cancellation);
        (await application.UntilAsync(HealthStatus.Healthy)).Data.Keys.Should().Equal("counts", "mails");
    }

    [Fact]
    public async Task A_store_that_cannot_be_reached_is_unhealthy()
    {
        await using var application = new Application(At($"Host=127.0.0.1;Port={FreePort.Find()};Username=nobody", "nowhere"));

        var entry = await application.CheckAsync();

        (entry.Status, entry.Description).Should().Be((HealthStatus.Unhealthy, "The event store cannot be reached."));
        entry.Exception.Should().BeOfType<EventStoreUnavailableException>();
    }

    [Fact]
    public async Task A_store_that_does_not_answer_is_unhealthy_when_the_check_has_taken_too_long()
    {
        using var silent = new TcpListener(IPAddress.Loopback, 0);
        silent.Start();
        await using var application = new Application(
            At($"Host=127.0.0.1;Port={((IPEndPoint)silent.LocalEndpoint).Port};Username=nobody;Timeout=30", "nowhere"), timeout: TimeSpan.FromMilliseconds(300));

        var entry = await application.CheckAsync();

        entry.Status.Should().Be(HealthStatus.Unhealthy);
        entry.Duration.Should().BeLessThan(TimeSpan.FromSeconds(15));
        entry.Exception.Should().NotBeNull();
    }

    private static async Task<string> ConnectionStringAsync() => (await PostgreSqlServer.GetAsync(Cancellation)).ConnectionString;

    private static async Task<Action<EventSourcingBuilder>> SchemaAsync() => At(await ConnectionStringAsync(), PostgreSqlServer.NewSchemaName());

    private static Action<EventSourcingBuilder> At(string connectionString, string schema) => builder => builder
        .UsePostgreSql(connectionString, options =>
        {
            options.Schema = schema;
            options.InstallSchemaAtStart = true;
        })
        .AddView<Counts, Count>()
        .AddReactor<Mails>();
}
