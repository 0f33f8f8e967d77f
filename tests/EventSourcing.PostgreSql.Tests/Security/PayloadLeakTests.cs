using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace EventSourcing.PostgreSql;

/// <summary>What stands in events stays out of logs, traces and metrics, whatever fails.</summary>
public sealed class PayloadLeakTests
{
    private const string InPayload = "s3cret-of-a-payload";
    private const string InMetadata = "s3cret-of-metadata";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Nothing_of_a_payload_or_its_metadata_is_logged_traced_or_measured()
    {
        await using var database = await TestDatabase.CreateAsync();
        using var watch = new LeakWatch();
        using var host = Host(database, watch);
        await host.StartAsync(Cancellation);
        var store = host.Services.GetRequiredService<IEventStore>();
        var serializer = host.Services.GetRequiredService<EventSerializer>();
        var metadata = new EventMetadata { Actor = InMetadata, Custom = new Dictionary<string, string> { ["note"] = InMetadata } };

        // What the server takes as an event and refuses as a view; what no class takes; what is of no class.
        await store.AppendAsync("note-1", ExpectedVersion.NoStream, [serializer.Serialize(new Noted($"{InPayload} \0", 1), metadata)], Cancellation);
        foreach (var payload in new[]
        {
            $$"""{"text":"{{InPayload}}","number":"{{InPayload}}"}""",
            $$"""{"text":["{{InPayload}}"],"number":1}""",
            $$"""{"text":"a","number":1,"at":"{{InPayload}}"}""",
            $$"""{"text":"a","number":1,"kind":"{{InPayload}}"}""",
            $$"""{"text":"a","number":1,"id":"{{InPayload}}"}""",
            $"\"{InPayload}\"",
        })
        {
            var raw = new EventData(Guid.CreateVersion7(), "noted", Encoding.UTF8.GetBytes(payload), Encoding.UTF8.GetBytes($$"""{"actor":"{{InMetadata}}"}"""));
            await store.AppendAsync("note-2", ExpectedVersion.Any, [raw], Cancellation);
        }

        await store.AppendAsync("note-3", ExpectedVersion.Any, [Events.New("unheard", $"\"{InPayload}\"")], Cancellation);
        await RefusedAsync(store, host.Services.GetRequiredService<IRepository>());
        await SnapshotAsync(host.Services, store, serializer);
        await AllHaveFailedAsync(database, watch);
        await host.StopAsync(Cancellation);

        watch.Texts.Should().Contain(text => text.StartsWith("log SnapshotUnreadable", StringComparison.Ordinal));
        watch.Texts.Should().Contain(text => text.StartsWith("activity append note", StringComparison.Ordinal));
        watch.Texts.Should().Contain(text => text.StartsWith("metric eventsourcing.consumer.dead_letters", StringComparison.Ordinal));
        watch.Texts.Should().Contain(text => text.StartsWith("log CommandExecutionCompleted", StringComparison.Ordinal), "the driver's logs are looked at too");
        watch.Holding(InPayload, InMetadata).Should().BeEmpty();
    }

    [Fact]
    public async Task Json_that_the_server_refuses_is_not_logged_either()
    {
        await using var database = await TestDatabase.CreateAsync();
        using var watch = new LeakWatch();
        using var host = Host(database, watch);
        var repository = host.Services.GetRequiredService<IRepository>();

        // From a converter that writes what is no JSON without a look at it: found by the server, alone and in company.
        await Task.WhenAll(Enumerable.Range(0, 50).Select(i => Task.Run(async () =>
            (await FluentActions.Awaiting(() => repository.ExecuteAsync(
                $"bad-{i}", 0, (number, _) => number, _ => [new Bad(new Raw($"{{ \"a\": \"{InPayload}\", none"))], cancellationToken: Cancellation)).Should().ThrowAsync<PostgresException>())
                .Which.SqlState.Should().Be(PostgresErrorCodes.InvalidTextRepresentation))));

        watch.Texts.Should().Contain(text => text.StartsWith("log BatchFailed", StringComparison.Ordinal));
        var driversTraces = watch.Holding(InPayload).Where(text => text.StartsWith("activity postgresql", StringComparison.Ordinal)).ToArray();
        driversTraces.Should().NotBeEmpty("the driver's traces quote what the server says: where they do no more, the documentation is to say so");
        watch.Holding(InPayload).Should().BeEquivalentTo(driversTraces);
    }

    /// <summary>Conflicts, and what does not fit.</summary>
    private static async Task RefusedAsync(IEventStore store, IRepository repository)
    {
        await FluentActions.Awaiting(() => store.AppendAsync("note-1", ExpectedVersion.NoStream, [Events.New(json: $"\"{InPayload}\"")], Cancellation))
            .Should().ThrowAsync<ConcurrencyConflictException>();
        await FluentActions.Awaiting(() => repository.ExecuteAsync("note-2", 0, (number, _) => number, _ => [new Noted(InPayload, 1)], cancellationToken: Cancellation))
            .Should().ThrowAsync<EventSerializationException>();
    }

    private static async Task SnapshotAsync(IServiceProvider services, IEventStore store, EventSerializer serializer)
    {
        await store.AppendAsync("kept-1", ExpectedVersion.NoStream, [serializer.Serialize(new Noted("a", 1))], Cancellation);
        var state = Encoding.UTF8.GetBytes($$"""{"text":["{{InPayload}}"]}""");
        await services.GetRequiredService<ISnapshotStore>().SaveAsync(new StoredSnapshot("kept-1", "notes", 1, new StreamVersion(1), new LogPosition(1), state), Cancellation);
        var fold = new Fold<Note>(() => new Note(string.Empty), (_, @event) => new Note(((Noted)@event).Text)) { Snapshots = SnapshotPolicy.Of<Note>("notes", 1, 1) };
        await services.GetRequiredService<IRepository>().LoadAsync("kept-1", fold, Cancellation);
    }

    private static async Task AllHaveFailedAsync(TestDatabase database, LeakWatch watch)
    {
        string[] logs = ["EventParked", "ConsumerRetries", "MessageRetries", "MessageParked", "PublicMessageParked"];
        for (var until = DateTime.UtcNow + Patience; DateTime.UtcNow < until; await Task.Delay(50, Cancellation))
        {
            if (logs.All(name => watch.Texts.Any(text => text.StartsWith($"log {name}:", StringComparison.Ordinal)))
                && await database.ScalarAsync<long>("select count(*) from {schema}.consumers where name <> 'message-relay' and position < (select max(position) from {schema}.events)") == 0
                && await database.ScalarAsync<long>("select count(distinct consumer) from {schema}.dead_letters") >= 5)
            {
                return;
            }
        }

        watch.Texts.Select(text => text.Split(':')[0]).Distinct().Should().Contain(logs.Select(name => $"log {name}"));
        throw new TimeoutException(await database.ScalarAsync<string>("select string_agg(name || ' ' || state || ' ' || position, ', ') from {schema}.consumers"));
    }

    private static IHost Host(TestDatabase database, LeakWatch watch)
    {
        var builder = Microsoft.Extensions.Hosting.Host.CreateApplicationBuilder();
        builder.Logging.ClearProviders().SetMinimumLevel(LogLevel.Trace).AddProvider(watch);

        // Without what tests usually ask the driver for.
        var source = new NpgsqlDataSourceBuilder(new NpgsqlConnectionStringBuilder(database.ConnectionString) { IncludeErrorDetail = false }.ConnectionString);
        source.UseLoggerFactory(watch);
        builder.Services.AddSingleton(_ => source.Build());
        builder.Services.AddSingleton<IMessagePublisher, Refusing>();
        var once = new ConsumerOptions { OnPoison = PoisonAction.Park, MaxAttempts = 2, FirstRetryDelay = TimeSpan.FromMilliseconds(1), LongestRetryDelay = TimeSpan.FromMilliseconds(2) };
        builder.Services.AddEventSourcing(options => (options.Projections, options.Reactors, options.Messages) = (once, once, once))
            .UsePostgreSql(configure: options => options.Schema = database.SchemaName)
            .AddEvent<Noted>()
            .AddEvent<Bad>()
            .AddEvent<Reminded>()
            .AddView<Documents, Note>()
            .AddView<Columns, Row>()
            .AddProjection<Rows>()
            .AddReactor<Reminders>()
            .AddMessageTranslator<Messages>();
        return builder.Build();
    }

    private enum Kind
    {
        Usual,
    }

    [EventType("noted")]
    private sealed record Noted(string Text, int Number, DateTimeOffset? At = null, Guid? Id = null, [property: JsonConverter(typeof(JsonStringEnumConverter))] Kind Kind = Kind.Usual);

    [EventType("bad")]
    private sealed record Bad([property: JsonConverter(typeof(RawConverter))] Raw Value);

    [EventType("reminded")]
    private sealed record Reminded(string Text);

    private sealed record Raw(string Json);

    private sealed record Note(string Text);

    private sealed record Row(string Text);

    private sealed class RawConverter : JsonConverter<Raw>
    {
        public override Raw Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => throw new NotSupportedException();

        public override void Write(Utf8JsonWriter writer, Raw value, JsonSerializerOptions options) => writer.WriteRawValue(value.Json, skipInputValidation: true);
    }

    private sealed class Documents : ViewProjection<Note>
    {
        public Documents()
            : base("documents") => On<Noted>((_, noted, _) => new Note(noted.Text));
    }

    private sealed class Columns : ViewProjection<Row>, IViewColumns<Row>
    {
        public Columns()
            : base("columns") => On<Noted>((_, noted, _) => new Row(noted.Text));

        public void Map(ViewColumns<Row> columns) => columns.Column("text", row => row.Text).From(row => new Row(row.Get<string>("text")));
    }

    private sealed class Rows : PostgreSqlProjection
    {
        public Rows(PostgreSqlEventStore store)
            : base("rows", store) => On<Noted>((noted, _, db) => db.ExecuteAsync("insert into notes values (@Text)", noted));

        protected override Task SetUpAsync(ProjectionTransaction transaction) => transaction.ExecuteAsync("create table if not exists notes (text text)");
    }

    private sealed class Reminders : Reactor
    {
        public Reminders()
            : base("reminders", LogPosition.Start)
        {
            On<Noted>((noted, context) =>
            {
                context.Schedule(new Reminded(noted.Text), TimeSpan.Zero);
                return Task.CompletedTask;
            });
            OnMessage<Reminded>((_, _) => throw new InvalidOperationException("The mail server is not there."));
        }
    }

    private sealed class Messages : MessageTranslator
    {
        public Messages()
            : base("messages", LogPosition.Start) => On<Noted>((noted, envelope) => Message(envelope, "shop.noted", "noted.v1", new Reminded(noted.Text)));
    }

    private sealed class Refusing : IMessagePublisher
    {
        public Task PublishAsync(IReadOnlyList<PublicMessage> messages, CancellationToken cancellationToken = default) =>
            throw new MessagePublishingException("No queue takes it.", messages[0].Id);
    }
}
