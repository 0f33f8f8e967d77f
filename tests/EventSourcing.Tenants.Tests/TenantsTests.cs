using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using EventSourcing.InMemory;
using EventSourcing.PostgreSql;
using EventSourcing.TestInfrastructure;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace EventSourcing.Tenants;

/// <summary>Which tenants there are, when they are made, run and stopped.</summary>
public sealed class TenantsTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("acme", true)]
    [InlineData("7", true)]
    [InlineData("0af3c09ff6c24f5f8f7d9f2f7bb0a3f1", true)]
    [InlineData("", false)]
    [InlineData("Acme", false)]
    [InlineData("acme_orders", false)]
    [InlineData("acme-eu", false)]
    [InlineData("acme@", false)]
    [InlineData(" acme", false)]
    [InlineData("acmé", false)]
    [InlineData("acme\n", false)]
    [InlineData("٧", false)]
    [InlineData("acme\"; drop schema shop", false)]
    [InlineData("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", true)]
    [InlineData("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", false)]
    public void A_name_is_lower_case_letters_and_digits(string text, bool isName)
    {
        TenantName.TryParse(text, out var parsed).Should().Be(isName);
        parsed.Should().Be(isName ? new TenantName(text) : default);
        if (!isName)
        {
            FluentActions.Invoking(() => new TenantName(text)).Should().Throw<ArgumentException>().WithMessage("*is not the name of a tenant*");
        }
    }

    [Fact]
    public async Task A_name_that_is_not_there_makes_nothing()
    {
        var made = new ConcurrentQueue<string>();
        await using var services = Services(new Directory("acme"), (tenant, builder) =>
        {
            made.Enqueue(tenant.Value);
            builder.UseInMemory();
        });
        var tenants = services.GetRequiredService<ITenants>();

        (await FluentActions.Awaiting(() => tenants.GetAsync("acne", Cancellation)).Should().ThrowAsync<UnknownTenantException>())
            .Which.Tenant.Should().Be(new TenantName("acne"));
        await FluentActions.Awaiting(() => tenants.GetAsync(default, Cancellation)).Should().ThrowAsync<InvalidOperationException>();
        FluentActions.Invoking(() => TenantName.TryParse(null, out _)).Should().NotThrow();
        TenantName.TryParse(null, out _).Should().BeFalse();

        made.Should().BeEmpty();
        tenants.List().Should().BeEmpty();
    }

    [Fact]
    public async Task A_tenant_is_made_once_however_many_ask_for_it_at_once()
    {
        var made = 0;
        using var goOn = new SemaphoreSlim(0);
        await using var services = Services(new Directory("acme"), (_, builder) =>
        {
            Interlocked.Increment(ref made);
            goOn.Wait(Patience);
            builder.UseInMemory();
        });
        var tenants = services.GetRequiredService<ITenants>();

        // All of them before the first is done.
        var asked = Enumerable.Range(0, 50).Select(_ => tenants.GetAsync("acme", Cancellation)).ToArray();
        goOn.Release(asked.Length);
        var found = await Task.WhenAll(asked);

        made.Should().Be(1);
        found.Distinct().Should().ContainSingle().Which.Name.Should().Be(new TenantName("acme"));
    }

    [Fact]
    public async Task Who_does_not_wait_any_more_does_not_end_the_start_for_others()
    {
        using var goOn = new SemaphoreSlim(0);
        await using var services = Services(new Directory("acme"), (_, builder) =>
        {
            goOn.Wait(Patience);
            builder.UseInMemory();
        });
        var tenants = services.GetRequiredService<ITenants>();
        using var impatient = new CancellationTokenSource();

        var first = tenants.GetAsync("acme", impatient.Token);
        var second = tenants.GetAsync("acme", Cancellation);
        await impatient.CancelAsync();
        await FluentActions.Awaiting(() => first).Should().ThrowAsync<OperationCanceledException>();
        tenants.List().Should().ContainSingle().Which.State.Should().Be(TenantState.Starting);
        goOn.Release();

        (await second).Name.Should().Be(new TenantName("acme"));
        tenants.List().Should().Equal(new TenantStatus("acme", TenantState.Running, null));
    }

    [Fact]
    public async Task Tenants_come_and_go_while_the_application_runs()
    {
        var directory = new Directory("acme");
        var running = new ConcurrentDictionary<string, bool>();
        using var host = Hosted(directory, (tenant, builder) => Run(builder.UseInMemory(), new Worker(tenant, running)), TimeSpan.FromMilliseconds(20));
        var tenants = host.Services.GetRequiredService<ITenants>();
        await host.StartAsync(Cancellation);
        await EventuallyAsync(() => running.GetValueOrDefault("acme"));

        directory.Names = ["acme", "globex"];
        await EventuallyAsync(() => running.GetValueOrDefault("globex"));
        var acme = await tenants.GetAsync("acme", Cancellation);
        directory.Names = ["globex"];
        await EventuallyAsync(() => running.ContainsKey("acme") && !running["acme"]);
        await EventuallyAsync(() => tenants.List().Count == 1);

        await FluentActions.Awaiting(() => tenants.GetAsync("acme", Cancellation)).Should().ThrowAsync<UnknownTenantException>();
        FluentActions.Invoking(() => acme.Repository).Should().Throw<ObjectDisposedException>();
        directory.Names = ["acme", "globex"];
        (await tenants.GetAsync("acme", Cancellation)).Should().NotBeSameAs(acme);
        running["acme"].Should().BeTrue();

        await host.StopAsync(Cancellation);
        running.Values.Should().OnlyContain(isRunning => !isRunning);
        tenants.List().Should().OnlyContain(tenant => tenant.State == TenantState.Stopped);

        // For who is still at work, until the host is disposed.
        (await (await tenants.GetAsync("acme", Cancellation)).Store.GetHeadAsync(Cancellation)).Final.Should().Be(LogPosition.Start);
    }

    [Fact]
    public async Task A_directory_that_fails_stops_nobody()
    {
        var directory = new Directory("acme");
        var running = new ConcurrentDictionary<string, bool>();
        using var host = Hosted(directory, (tenant, builder) => Run(builder.UseInMemory(), new Worker(tenant, running)), TimeSpan.FromMilliseconds(10));
        await host.StartAsync(Cancellation);
        await EventuallyAsync(() => running.GetValueOrDefault("acme"));

        directory.Failure = new IOException("The registry is away.");
        var asked = directory.Asked;
        await EventuallyAsync(() => directory.Asked > asked + 3);

        running["acme"].Should().BeTrue();
        (await host.Services.GetRequiredService<ITenants>().GetAsync("acme", Cancellation)).Name.Should().Be(new TenantName("acme"));
        directory.Failure = null;
        directory.Names = ["acme", "globex"];
        await EventuallyAsync(() => running.GetValueOrDefault("globex"));
        await host.StopAsync(Cancellation);
    }

    [Fact]
    public async Task A_tenant_whose_database_is_away_is_tried_again_and_stops_no_other()
    {
        var server = await PostgreSqlServer.GetAsync(Cancellation);
        await using var database = new TenantDatabase();
        var isAway = true;
        var services = new ServiceCollection();
        await database.PrepareAsync(services);
        services.AddEventSourcingTenants(
            ["acme", "globex"],
            (tenant, builder) => builder.UsePostgreSql(
                tenant == "globex" && isAway ? "Host=127.0.0.1;Port=1;Username=nobody;Timeout=1" : server.ConnectionString,
                options =>
                {
                    database.SchemaOf(tenant)(options);
                    options.MaxAttempts = 1;
                }));
        await using var application = services.BuildServiceProvider();
        var tenants = application.GetRequiredService<ITenants>();

        await tenants.RefreshAsync(Cancellation);

        tenants.List().Select(tenant => (tenant.Name.Value, tenant.State)).Should().Equal(("acme", TenantState.Running), ("globex", TenantState.Failed));
        tenants.List()[1].Error.Should().BeOfType<EventStoreUnavailableException>();
        await FluentActions.Awaiting(() => tenants.GetAsync("globex", Cancellation)).Should().ThrowAsync<EventStoreUnavailableException>();
        await (await tenants.GetAsync("acme", Cancellation)).Store.GetHeadAsync(Cancellation);
        isAway = false;
        await tenants.RefreshAsync(Cancellation);
        tenants.List().Should().OnlyContain(tenant => tenant.State == TenantState.Running);
    }

    [Fact]
    public async Task A_start_that_fails_half_way_leaves_nothing_running()
    {
        var running = new ConcurrentDictionary<string, bool>();
        var isBroken = true;
        await using var services = Services(new Directory("acme"), (tenant, builder) =>
        {
            Run(builder.UseInMemory(), new Worker(tenant, running));
            Run(builder, new Worker(tenant, running) { OnStart = () => _ = isBroken ? throw new InvalidOperationException("Not today.") : true });
        });
        var tenants = services.GetRequiredService<ITenants>();

        await FluentActions.Awaiting(() => tenants.GetAsync("acme", Cancellation)).Should().ThrowAsync<InvalidOperationException>().WithMessage("Not today.");
        running["acme"].Should().BeFalse();
        tenants.List().Should().ContainSingle().Which.State.Should().Be(TenantState.Failed);

        isBroken = false;
        await tenants.GetAsync("acme", Cancellation);
        running["acme"].Should().BeTrue();
    }

    [Fact]
    public async Task A_part_that_fails_for_good_is_told_of()
    {
        var log = new ConcurrentQueue<string>();
        await using var services = Services(
            new Directory("acme"),
            (_, builder) => Run(builder.UseInMemory(), new Worker("acme", []) { OnExecute = () => throw new IOException("Broken.") }),
            logging => logging.AddProvider(new Recorder(log)));
        var tenants = services.GetRequiredService<ITenants>();

        await tenants.GetAsync("acme", Cancellation);

        await EventuallyAsync(() => tenants.List()[0].State == TenantState.Failed);
        tenants.List()[0].Error.Should().BeOfType<IOException>();
        await EventuallyAsync(() => log.Any(line => line.Contains("A part of what tenant 'acme' runs has failed: Worker")));
    }

    [Fact]
    public async Task A_tenant_has_the_hosts_clock_configuration_and_log_and_nothing_else_of_it()
    {
        var log = new ConcurrentQueue<string>();
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Configuration.AddInMemoryCollection([new("shop", "open")]);
        builder.Logging.AddProvider(new Recorder(log));
        builder.Services.AddSingleton(new Ledger());
        builder.Services.AddEventSourcingTenants(["acme"], (_, tenant) => tenant.UseInMemory());
        using var host = builder.Build();

        var acme = await host.Services.GetRequiredService<ITenants>().GetAsync("acme", Cancellation);

        acme.Services.GetRequiredService<TimeProvider>().Should().BeSameAs(host.Services.GetRequiredService<TimeProvider>());
        acme.Services.GetRequiredService<IConfiguration>()["shop"].Should().Be("open");
        acme.Services.GetRequiredService<TenantName>().Should().Be(new TenantName("acme"));
        acme.Services.GetService<Ledger>().Should().BeNull();
        acme.Services.GetRequiredService<ILogger<TenantsTests>>().LogWarning("Here.");
        log.Should().Contain("EventSourcing.Tenants.TenantsTests[acme]: Here.");
    }

    [Fact]
    public async Task Metrics_of_consumers_tell_whose_they_are()
    {
        var counted = new ConcurrentQueue<string?>();
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, self) =>
            {
                if (instrument.Name == "eventsourcing.consumer.position")
                {
                    self.EnableMeasurementEvents(instrument);
                }
            },
        };
        listener.SetMeasurementEventCallback<long>((_, _, tags, _) => counted.Enqueue(tags.ToArray().FirstOrDefault(tag => tag.Key == "tenant").Value as string));
        listener.Start();
        await using var services = Services(new Directory("measured1", "measured2"), (_, builder) =>
        {
            builder.Services.AddSingleton<Ledger>();
            builder.UseInMemory().AddEvent<Ordered>().AddEvent<Poisoned>().AddView<Orders, OrderView>();
        });
        var tenants = services.GetRequiredService<ITenants>();
        foreach (var name in new[] { "measured1", "measured2" })
        {
            var tenant = await tenants.GetAsync(name, Cancellation);
            var done = await tenant.Repository.ExecuteAsync<Order>("order-1", order => order.Add("pen"), cancellationToken: Cancellation);
            await tenant.Services.GetRequiredService<ProjectionRunner>().WaitForAsync("orders", done.Position, Cancellation).WaitAsync(Patience, Cancellation);
        }

        listener.RecordObservableInstruments();

        counted.Should().Contain("measured1").And.Contain("measured2");
    }

    [Fact]
    public async Task What_is_the_hosts_is_not_disposed_with_a_tenant()
    {
        var shared = new Disposable();
        var directory = new Directory("acme");
        var services = new ServiceCollection();
        services.AddSingleton(_ => shared);
        services.AddSingleton<ITenantDirectory>(directory);
        await using var application = Services(directory, (_, builder) => builder.FromHost<Disposable>().UseInMemory(), more: services);
        var tenants = application.GetRequiredService<ITenants>();
        var acme = await tenants.GetAsync("acme", Cancellation);
        acme.Services.GetRequiredService<Disposable>().Should().BeSameAs(shared);

        directory.Names = [];
        await tenants.RefreshAsync(Cancellation);

        FluentActions.Invoking(() => acme.Store).Should().Throw<ObjectDisposedException>();
        shared.IsDisposed.Should().BeFalse();
    }

    [Fact]
    public async Task Misuse_is_refused()
    {
        static void Nothing(TenantName tenant, EventSourcingBuilder builder)
        {
        }

        FluentActions.Invoking(() => new ServiceCollection().AddEventSourcingTenants(["acme", "acme"], Nothing)).Should().Throw<ArgumentException>().WithMessage("*twice*");
        FluentActions.Invoking(() => new ServiceCollection().AddEventSourcingTenants([default], Nothing)).Should().Throw<ArgumentException>();
        FluentActions.Invoking(() => new ServiceCollection().AddEventSourcingTenants(["acme"], Nothing, options => options.StartAtOnce = 0)).Should().Throw<ArgumentException>();
        FluentActions.Invoking(() => new ServiceCollection().AddEventSourcingTenants(["acme"], Nothing, options => options.RefreshInterval = TimeSpan.Zero)).Should().Throw<ArgumentException>();
        FluentActions.Invoking(() => new ServiceCollection().AddEventSourcingTenants(["acme"], Nothing).AddEventSourcingTenants(["globex"], Nothing))
            .Should().Throw<InvalidOperationException>().WithMessage("*has tenants already*");
        FluentActions.Invoking(() => new ServiceCollection().AddEventSourcing().UseInMemory().UseSharedLog()).Should().Throw<InvalidOperationException>().WithMessage("*not the builder of a tenant*");
        await StartFailsAsync(builder => builder.UseSharedLog(), "*Call UsePostgreSql(…) or UseInMemory() first*");
        await StartFailsAsync(builder => builder.UseInMemory().UseSharedLog(), "*no event store to share*");
        await StartFailsAsync(builder => builder.UseInMemory().FromHost<Disposable>(), "*Disposable*");
        await StartFailsAsync(builder => builder.FromHost<IEventStore>(), "*call UseSharedLog()*");
        await StartFailsAsync(builder => builder.FromHost<PostgreSqlEventStore>(), "*call UseSharedLog()*");
        await StartFailsAsync(_ => { }, "*No event store is chosen*");
    }

    [Fact]
    public async Task An_inline_projection_is_refused_over_a_shared_log_and_so_is_an_append_past_it()
    {
        await using var database = new TenantDatabase();
        var services = new ServiceCollection();
        await database.PrepareAsync(services);
        services.AddEventSourcing().UseInMemory();
        services.AddEventSourcingTenants(["acme", "globex", "initech"], (tenant, builder) =>
        {
            builder.Services.AddSingleton<Ledger>();
            builder.AddEvent<Ordered>().AddEvent<Poisoned>();
            _ = tenant == "globex" ? builder.UseInMemory() : builder.FromHost<NpgsqlDataSource>().UsePostgreSql(configure: database.SchemaOf(tenant));
            builder.UseSharedLog();
            if (tenant != "initech")
            {
                builder.AddInlineView<Orders, OrderView>();
            }
        });
        await using var application = services.BuildServiceProvider();
        var tenants = application.GetRequiredService<ITenants>();

        await FluentActions.Awaiting(() => tenants.GetAsync("acme", Cancellation)).Should().ThrowAsync<InvalidOperationException>().WithMessage("*inline*");
        await FluentActions.Awaiting(() => tenants.GetAsync("globex", Cancellation)).Should().ThrowAsync<InvalidOperationException>().WithMessage("*'orders' of tenant 'globex' is inline*");
        var initech = await tenants.GetAsync("initech", Cancellation);
        var beside = initech.Services.GetRequiredService<PostgreSqlEventStore>();
        await FluentActions.Awaiting(() => beside.AppendAsync("order-1", ExpectedVersion.NoStream, [new EventData(Guid.NewGuid(), "ordered", "{}"u8.ToArray())], Cancellation))
            .Should().ThrowAsync<InvalidOperationException>().WithMessage("*'initech'*append through IEventStore*");
        await initech.Repository.ExecuteAsync<Order>("order-1", order => order.Add("pen"), cancellationToken: Cancellation);

        // They would maintain, verify and fill the log that is not used.
        foreach (var capability in new[] { typeof(IStreamMaintenance), typeof(ILogRestore), typeof(IHashChain) })
        {
            initech.Services.GetService(capability).Should().BeNull();
        }
    }

    private static async Task StartFailsAsync(Action<EventSourcingBuilder> configure, string message)
    {
        await using var services = new ServiceCollection().AddEventSourcingTenants(["acme"], (_, builder) => configure(builder)).BuildServiceProvider();
        var tenants = services.GetRequiredService<ITenants>();
        await FluentActions.Awaiting(() => tenants.GetAsync("acme", Cancellation)).Should().ThrowAsync<InvalidOperationException>().WithMessage(message);
        tenants.List().Should().ContainSingle().Which.State.Should().Be(TenantState.Failed);
    }

    private static ServiceProvider Services(
        Directory directory, Action<TenantName, EventSourcingBuilder> configure, Action<ILoggingBuilder>? logging = null, IServiceCollection? more = null)
    {
        var services = more ?? new ServiceCollection();
        services.AddSingleton(directory);
        services.AddLogging(logging ?? (_ => { }));
        return services.AddEventSourcingTenants<DirectoryOfTest>(configure).BuildServiceProvider();
    }

    private static IHost Hosted(Directory directory, Action<TenantName, EventSourcingBuilder> configure, TimeSpan interval)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddSingleton(directory);
        builder.Services.AddEventSourcingTenants<DirectoryOfTest>(configure, options => options.RefreshInterval = interval);
        return builder.Build();
    }

    private static void Run(EventSourcingBuilder builder, Worker worker) => builder.Services.AddSingleton<IHostedService>(worker);

    private static async Task EventuallyAsync(Func<bool> isSo)
    {
        var until = DateTime.UtcNow + Patience;
        while (!isSo())
        {
            DateTime.UtcNow.Should().BeBefore(until, "it should have come to pass by now");
            await Task.Delay(5, Cancellation);
        }
    }

    private sealed class Directory(params TenantName[] names) : ITenantDirectory
    {
        private int asked;

        public IReadOnlyCollection<TenantName> Names { get; set; } = names;

        public Exception? Failure { get; set; }

        public int Asked => asked;

        public Task<IReadOnlyCollection<TenantName>> ListAsync(CancellationToken cancellationToken = default)
        {
            Interlocked.Increment(ref asked);
            return Failure is { } failure ? Task.FromException<IReadOnlyCollection<TenantName>>(failure) : Task.FromResult(Names);
        }
    }

    private sealed class DirectoryOfTest(Directory directory) : ITenantDirectory
    {
        public Task<IReadOnlyCollection<TenantName>> ListAsync(CancellationToken cancellationToken = default) => directory.ListAsync(cancellationToken);
    }

    private sealed class Disposable : IDisposable
    {
        public bool IsDisposed { get; private set; }

        public void Dispose() => IsDisposed = true;
    }

    private sealed class Worker(TenantName tenant, ConcurrentDictionary<string, bool> running) : BackgroundService
    {
        public Action OnStart { get; init; } = () => { };

        public Action OnExecute { get; init; } = () => { };

        public override Task StartAsync(CancellationToken cancellationToken)
        {
            OnStart();
            running[tenant.Value] = true;
            return base.StartAsync(cancellationToken);
        }

        public override async Task StopAsync(CancellationToken cancellationToken)
        {
            await base.StopAsync(cancellationToken);
            running[tenant.Value] = false;
        }

        protected override async Task ExecuteAsync(CancellationToken stoppingToken)
        {
            OnExecute();
            await Task.Delay(Timeout.InfiniteTimeSpan, stoppingToken);
        }
    }

    private sealed class Recorder(ConcurrentQueue<string> lines) : ILoggerProvider
    {
        public ILogger CreateLogger(string categoryName) => new Writer(lines, categoryName);

        public void Dispose()
        {
        }

        private sealed class Writer(ConcurrentQueue<string> lines, string category) : ILogger
        {
            public IDisposable? BeginScope<TState>(TState state)
                where TState : notnull => null;

            public bool IsEnabled(LogLevel logLevel) => true;

            public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
                lines.Enqueue($"{category}: {formatter(state, exception)}");
        }
    }
}
