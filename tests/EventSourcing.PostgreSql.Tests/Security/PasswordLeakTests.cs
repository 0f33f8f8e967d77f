using EventSourcing.TestInfrastructure;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace EventSourcing.PostgreSql;

/// <summary>A password stays in its connection string, whatever fails: on a server that asks for it.</summary>
public sealed class PasswordLeakTests : IAsyncLifetime
{
    private const string Right = "hunter2-right";
    private const string Wrong = "hunter2-wrong";
    private const string Either = "hunter2";
    private const string Login = "somebody";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private LeakWatch watch = null!;
    private PostgreSqlCluster cluster = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        cluster = await PostgreSqlServer.StartDedicatedAsync(Cancellation);
        await using var admin = NpgsqlDataSource.Create(cluster.ConnectionString);
        await using var command = admin.CreateCommand(
            $"""
            create role {Login} login password '{Right}';
            do $$ begin
              execute format('copy (select unnest(array[''host all {Login} all scram-sha-256'', ''host all all all trust''])) to %L', current_setting('hba_file'));
              perform pg_reload_conf();
            end $$
            """);
        await command.ExecuteNonQueryAsync(Cancellation);
        await using var store = new PostgreSqlEventStore(admin);
        await store.Schema.InstallAsync(Cancellation);
        watch = new LeakWatch();
    }

    public async ValueTask DisposeAsync()
    {
        watch.Dispose();
        await cluster.DisposeAsync();
    }

    [Fact]
    public async Task No_failure_tells_a_password()
    {
        await using var right = Source(Right);
        for (var until = DateTime.UtcNow + Patience; DateTime.UtcNow < until && await SqlStateAsync(Source(Wrong)) != PostgresErrorCodes.InvalidPassword;)
        {
            // The server has not read its file yet.
            await Task.Delay(50, Cancellation);
        }

        var texts = new List<string>();
        foreach (var (source, expected) in new[]
        {
            (Source(Wrong), "28P01"),
            (Source(Wrong, settings => settings.Port = 1), "refused"),
            (Source(Wrong, settings => settings.Host = "nowhere.invalid"), "SocketException"),
            (Source(Right), "42501"),
            (Source(Right, settings => settings.Database = "nothing"), "3D000"),
            (Source(Right, settings => settings.SslMode = SslMode.VerifyFull), "SSL"),
        })
        {
            await using (source)
            await using (var store = new PostgreSqlEventStore(source, new PostgreSqlOptions { MaxAttempts = 2 }, logger: new LogTo(watch)))
            {
                var failures = await FailuresAsync(store);
                failures.Should().AllSatisfy(failure => failure.Should().Contain(expected));
                texts.AddRange(failures);
                texts.Add($"{source} {source.ConnectionString} {store} {store.Schema}");
            }
        }

        texts.Add(new PostgreSqlOptions { ListenConnectionString = $"Host=localhost;Password={Right}" }.ToString()!);
        texts.AddRange(BadSettings());

        texts.Should().NotContain(text => text.Contains(Either, StringComparison.Ordinal));
        watch.Holding(Either).Should().BeEmpty();
        watch.Texts.Should().Contain(text => text.StartsWith("log ConnectionLost", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Nothing_that_runs_on_its_own_logs_a_password()
    {
        await using var admin = NpgsqlDataSource.Create(cluster.ConnectionString);
        await using (var granted = new PostgreSqlEventStore(admin))
        {
            await granted.Schema.InstallRolesAsync(new PostgreSqlRoles(), Cancellation);
        }

        await ExecuteAsync(admin, $"grant eventsourcing_application to {Login}");
        var listen = new NpgsqlConnectionStringBuilder(cluster.ConnectionString) { Username = Login, Password = Wrong };
        var builder = Host.CreateApplicationBuilder();
        builder.Logging.ClearProviders().SetMinimumLevel(LogLevel.Trace).AddProvider(watch);
        builder.Services.AddSingleton(_ => Source(Right));
        builder.Services.AddEventSourcing()
            .UsePostgreSql(configure: options => options.ListenConnectionString = listen.ConnectionString)
            .AddEvent<Counted>()
            .AddProjection<Counts>();
        using var host = builder.Build();
        await host.StartAsync(Cancellation);

        await LoggedAsync("ListenerLost");
        await ExecuteAsync(admin, $"select count(pg_terminate_backend(pid)) from pg_stat_activity where usename = '{Login}'");
        await cluster.StopAsync(immediate: true, Cancellation);
        await LoggedAsync("BoardUnreachable");
        await LoggedAsync("TailLost");
        await host.StopAsync(Cancellation);

        watch.Holding(Either).Should().BeEmpty();
    }

    private NpgsqlDataSource Source(string password, Action<NpgsqlConnectionStringBuilder>? change = null)
    {
        var settings = new NpgsqlConnectionStringBuilder(cluster.ConnectionString) { Username = Login, Password = password, Timeout = 5, IncludeErrorDetail = false };
        change?.Invoke(settings);
        return new NpgsqlDataSourceBuilder(settings.ConnectionString).UseLoggerFactory(watch).Build();
    }

    /// <summary>What a caller is told, to the last inner exception.</summary>
    private static async Task<List<string>> FailuresAsync(PostgreSqlEventStore store)
    {
        Func<Task>[] calls =
        [
            () => store.AppendAsync("a-1", ExpectedVersion.NoStream, [Events.New()], Cancellation),
            () => store.ReadStreamAsync("a-1", cancellationToken: Cancellation).CountAsync(Cancellation).AsTask(),
            () => store.GetHeadAsync(Cancellation),
            () => store.Schema.InstallAsync(Cancellation),
            () => store.Schema.InstallRolesAsync(new PostgreSqlRoles(), Cancellation),
            () => new PostgreSqlConsumerStore(store).ReadAsync(cancellationToken: Cancellation),
            () => store.ImportAsync(new[] { new StreamAppend("a-1", ExpectedVersion.NoStream, [Events.New()]) }.ToAsyncEnumerable(), cancellationToken: Cancellation),
        ];
        var failures = new List<string>();
        foreach (var call in calls)
        {
            failures.Add((await FluentActions.Awaiting(call).Should().ThrowAsync<Exception>()).Which.ToString());
        }

        return failures;
    }

    /// <summary>Connection strings with a mistake in them.</summary>
    private static IEnumerable<string> BadSettings()
    {
        foreach (var settings in new[] { $"Host=localhost;Pasword={Right}", $"Host=localhost;Password={Right};Port=none", $"Password={Right};;=", $"Host localhost Password={Right}" })
        {
            Action[] uses =
            [
                () => new ServiceCollection().AddEventSourcing().UsePostgreSql("Host=localhost", options => options.ListenConnectionString = settings),
                () =>
                {
                    var services = new ServiceCollection();
                    services.AddLogging();
                    services.AddEventSourcing().UsePostgreSql(settings);
                    using var provider = services.BuildServiceProvider();
                    provider.GetRequiredService<IEventStore>();
                },
            ];
            foreach (var use in uses)
            {
                yield return FluentActions.Invoking(use).Should().Throw<Exception>(settings).Which.ToString();
            }
        }
    }

    private static async Task<string?> SqlStateAsync(NpgsqlDataSource source)
    {
        await using (source)
        {
            try
            {
                await ExecuteAsync(source, "select 1");
                return null;
            }
            catch (PostgresException failure)
            {
                return failure.SqlState;
            }
        }
    }

    private static async Task ExecuteAsync(NpgsqlDataSource source, string sql)
    {
        await using var command = source.CreateCommand(sql);
        await command.ExecuteNonQueryAsync(Cancellation);
    }

    private async Task LoggedAsync(string name)
    {
        for (var until = DateTime.UtcNow + Patience; !watch.Texts.Any(text => text.StartsWith($"log {name}:", StringComparison.Ordinal)); await Task.Delay(50, Cancellation))
        {
            (DateTime.UtcNow < until).Should().BeTrue("'{0}' is to be logged", name);
        }
    }

    private sealed class Counts(PostgreSqlEventStore store) : PostgreSqlProjection("counts", store);

    private sealed class LogTo(LeakWatch watch) : ILogger<PostgreSqlEventStore>
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            watch.Log(logLevel, eventId, state, exception, formatter);
    }
}
