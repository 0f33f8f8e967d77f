using System.Diagnostics;
using EventSourcing.HealthChecks;
using EventSourcing.PostgreSql;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;

namespace EventSourcing.Torture;

/// <summary>An application that runs on tables in which somebody writes: it says that something is wrong, and goes on when it is put right.</summary>
internal sealed class DamagedApplication : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private static readonly ConsumerOptions Impatient = new()
    {
        PageSize = 20,
        MaxAttempts = 2,
        FirstRetryDelay = TimeSpan.FromMilliseconds(1),
        LongestRetryDelay = TimeSpan.FromMilliseconds(2),
        LeaseTime = TimeSpan.FromMilliseconds(600),
    };

    private readonly Trial trial;
    private readonly Random random;
    private readonly Damaged damaged;
    private IHost host;

    private DamagedApplication(Trial trial, Random random, Damaged damaged)
    {
        this.trial = trial;
        this.random = random;
        this.damaged = damaged;
        host = Build();
    }

    private ProjectionRunner Projections => host.Services.GetRequiredService<ProjectionRunner>();

    private ReactorRunner Reactors => host.Services.GetRequiredService<ReactorRunner>();

    private PublicMessageRunner Messages => host.Services.GetRequiredService<PublicMessageRunner>();

    public static async Task<DamagedApplication> StartAsync(Trial trial, Random random, Damaged damaged)
    {
        var application = new DamagedApplication(trial, random, damaged);
        await application.host.StartAsync();
        await application.AppendAsync("first");
        await application.HealthyAsync();
        return application;
    }

    /// <summary>One kind of damage after the other until the time is over, at least one.</summary>
    public async Task RunAsync(CancellationToken over)
    {
        Func<Task>[] kinds =
        [
            PoisonAsync, EventRowAsync, MessageRowAsync, OutboxRowAsync, AheadOfLogAsync, BoardRowAsync, OddBoardAsync, ViewRowAsync, LetterRowAsync, CheckpointRowAsync, ViewTextAsync,
        ];
        var next = random.Next(kinds.Length);
        do
        {
            await kinds[next++ % kinds.Length]();
            await AppendAsync("after");
            await HealthyAsync();
            trial.Run.Checked("damaged tables");
        }
        while (!over.IsCancellationRequested);
    }

    public async ValueTask DisposeAsync()
    {
        await host.StopAsync();
        await ((IAsyncDisposable)host).DisposeAsync();
    }

    private IHost Build()
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddSingleton(damaged.DataSource);
        builder.Services.AddSingleton<IMessagePublisher>(new Silent());
        builder.Services.AddEventSourcing(options => (options.Projections, options.Reactors, options.Messages) = (Impatient, Impatient, Impatient))
            .AddEvent<Said>().AddEvent<Touchy>()
            .UsePostgreSql(configure: options => options.Schema = damaged.SchemaName)
            .AddView<Texts, Heard>().AddReactor<Reminders>().AddMessageTranslator<Gossip>();
        builder.Services.AddHealthChecks().AddEventSourcing();
        return builder.Build();
    }

    private async Task PoisonAsync()
    {
        var bad = new EventData(Guid.NewGuid(), "said", """{"to":7}"""u8.ToArray());
        var at = (await damaged.Store.AppendAsync("poison-1", ExpectedVersion.Any, [bad])).Position;
        await UnhealthyAsync("an event that cannot be read", $"position {at}");
        await damaged.ExecuteAsync("update {schema}.events set data = '{\"to\":\"\",\"what\":\"\"}' where position = $1", at.Value);
        await RestartAsync();
    }

    private async Task EventRowAsync()
    {
        var name = new[] { "''", "'-x'", "repeat('y', 501)" }[random.Next(3)];
        await damaged.ExecuteAsync($"insert into {{schema}}.events (position, bucket, stream_id, version, stream_name, event_id, category, type, data) values (nextval('{{schema}}.event_position'), 1, -1, 1, {name}, gen_random_uuid(), 'x', 'said', '{{}}')");
        await UnhealthyAsync("a row of the log that cannot be read", "The event at position ");
        await damaged.ExecuteAsync("delete from {schema}.events where stream_id = -1");
        await ResumeAsync();
    }

    private async Task MessageRowAsync()
    {
        var (name, position) = random.Next(2) == 0 ? ("''", 1) : ("'said-1'", -1);
        await damaged.ExecuteAsync($"insert into {{schema}}.scheduled_messages (reactor, key, id, bucket, stream_name, version, position, type, data, due_at, next_at) values ('{Reminders.UsualName}', 'odd', gen_random_uuid(), 1, {name}, 1, {position}, 'said', '{{}}', now(), now())");
        await UnhealthyAsync("a scheduled message that cannot be read", "'odd'");
        trial.Require(await trial.OnceAsync("ListMessagesAsync", "a damaged row", async () => (await Reactors.ListMessagesAsync(Reminders.UsualName)).ToString()!) == "! DamagedDataException", "A damaged message is listed", name);
        await damaged.ExecuteAsync("delete from {schema}.scheduled_messages where key = 'odd'");
        await ResumeAsync();
    }

    private async Task OutboxRowAsync()
    {
        var damage = new[] { "headers = '[]'", "headers = '{\"a\":{}}'", "headers = '7'", "occurred_at = 'yesterday'", "body = 'no json'", "topic = ''", "type = repeat('x', 256)", "key = ''" }[random.Next(8)];
        await Messages.PauseAsync(PublicMessageRunner.RelayName);
        await AppendAsync("told");
        await UntilAsync("the message is written", async () => (await Messages.GetStatusAsync()).Backlog > 0 ? null : "no backlog");
        await damaged.ExecuteAsync($"update {{schema}}.outbox set {damage}");
        await Messages.ResumeAsync(PublicMessageRunner.RelayName);
        await UntilAsync($"the relay says that it has failed with {damage}", async () =>
            await Messages.GetStatusAsync() is var status && status.Relay == ConsumerState.Failed && status.RelayError!.Contains("in the outbox, cannot be read", StringComparison.Ordinal) ? null : status.ToString());
        await damaged.ExecuteAsync("delete from {schema}.outbox");
        await Messages.ResumeAsync(PublicMessageRunner.RelayName);
    }

    private async Task AheadOfLogAsync()
    {
        await damaged.ExecuteAsync("update {schema}.consumers set position = position + 1000 where name = $1", Texts.UsualName);
        await AppendAsync("never shown");
        await UnhealthyAsync("a projection ahead of the log", "beyond the head of the log");
        await damaged.ExecuteAsync("update {schema}.consumers set position = position - 1000 where name = $1 and position > 1000", Texts.UsualName);
        await ResumeAsync();
    }

    private async Task BoardRowAsync()
    {
        var damage = new[] { "0, 0, -5, 'Live'", "3, 2, 5, 'Live'", "-1, 1, 5, 'Live'", "0, 2000, 5, 'Live'" }[random.Next(4)];
        await damaged.ExecuteAsync($"insert into {{schema}}.consumers (name, generation, version, is_serving, epoch, shard, shards, position, state) values ('other', 1, 1, true, 1, {damage})");
        await UnhealthyAsync("a consumer's row that cannot be read", "'other'");
        trial.Require(await trial.OnceAsync("GetStatusAsync", damage, async () => (await Projections.GetStatusAsync()).ToString()!) == "! DamagedDataException", "A damaged row of a consumer is told", damage);
        await damaged.ExecuteAsync("delete from {schema}.consumers where name = 'other'");
    }

    private async Task OddBoardAsync()
    {
        await damaged.ExecuteAsync("insert into {schema}.consumers (name, generation, version, is_serving, epoch, shard, shards, position, state) values ('odd', 1, 1, true, 1, 0, 1, 5, 'Hovering')");
        await damaged.ExecuteAsync("insert into {schema}.processes (id, label, runs, seen_until) values (gen_random_uuid(), '', array['', '@', 'x', 'texts', 'texts@', 'texts@-1', '''; --@2'], now() + interval '10 seconds')");
        await AppendAsync("shown all the same");
        await HealthyAsync();
        await damaged.ExecuteAsync("delete from {schema}.consumers where name = 'odd'");
        await damaged.ExecuteAsync("delete from {schema}.processes where label = ''");
    }

    private async Task ViewRowAsync()
    {
        var damage = new[] { "[]", "{\"times\":\"x\"}", "null", "7" }[random.Next(4)];
        var key = $"broken {random.Next()}";
        await damaged.ExecuteAsync($"insert into {{schema}}_{Texts.UsualName}.views (key, data) values ('{key}', '{damage}')");
        var views = host.Services.GetRequiredService<IViewReader<Heard>>();
        trial.Require(await trial.OnceAsync("FindAsync", damage, async () => (await views.FindAsync(key))!.ToString()) == "! InvalidOperationException", "A damaged view is read", damage);
        await damaged.Store.AppendAsync("said-1", ExpectedVersion.Any, [Texts.Serializer.Serialize(new Said(key, "x", 1, default, null, Mood.Calm))]);
        await UnhealthyAsync("a view that cannot be read", $"'{key}'");
        await damaged.ExecuteAsync($"delete from {{schema}}_{Texts.UsualName}.views where key = '{key}'");
        await ResumeAsync();
    }

    /// <summary>What a document in PostgreSQL cannot hold: the projection says so.</summary>
    private async Task ViewTextAsync()
    {
        var at = (await AppendAsync("a\0b")).Position;
        await UnhealthyAsync("a view that cannot be kept", "A view of 'texts' cannot be kept");
        await damaged.ExecuteAsync("update {schema}.events set data = '{\"to\":\"\",\"what\":\"\"}' where position = $1", at.Value);
        await RestartAsync();
    }

    private async Task LetterRowAsync()
    {
        var (name, position) = random.Next(2) == 0 ? ("''", 1) : ("'said-1'", -1);
        await damaged.ExecuteAsync($"insert into {{schema}}.dead_letters (consumer, generation, position, event_id, stream_name, type, error, attempts) values ('{Texts.UsualName}', 1, {position}, gen_random_uuid(), {name}, 't', 'e', -3)");
        trial.Require(await trial.OnceAsync("ListDeadLettersAsync", name, async () => (await Projections.ListDeadLettersAsync(Texts.UsualName)).ToString()!) == "! DamagedDataException", "A damaged dead letter is listed", name);
        await damaged.ExecuteAsync("delete from {schema}.dead_letters where attempts = -3");
    }

    private async Task CheckpointRowAsync()
    {
        foreach (var text in new[] { "", "p:", "p:-1", "p:9223372036854775808", "5", "p:1 " })
        {
            await damaged.ExecuteAsync("insert into {schema}.checkpoints (name, checkpoint) values ('odd', $1) on conflict (name) do update set checkpoint = excluded.checkpoint", text);
            var outcome = await trial.OnceAsync("ICheckpointStore.LoadAsync", text, async () => (await host.Services.GetRequiredService<ICheckpointStore>().LoadAsync("odd")).ToString()!);
            trial.Require(outcome == "! FormatException", "A damaged checkpoint is loaded", $"{text}: {outcome}");
        }
    }

    private Task<AppendResult> AppendAsync(string what) => damaged.Store.AppendAsync(
        "said-1", ExpectedVersion.Any, [Texts.Serializer.Serialize(new Said("somebody", what, 1, DateTimeOffset.UtcNow, null, Mood.Calm))]);

    /// <summary>After an event was changed, which none ever is: those who have read it remember it as it was.</summary>
    private async Task RestartAsync()
    {
        await DisposeAsync();
        host = Build();
        await host.StartAsync();
        await ResumeAsync();
    }

    private async Task ResumeAsync()
    {
        await Projections.ResumeAsync(Texts.UsualName);
        await Reactors.ResumeAsync(Reminders.UsualName);
        await Messages.ResumeAsync(Gossip.UsualName);
    }

    /// <summary>Whoever asks is told that something is wrong, and what.</summary>
    private Task UnhealthyAsync(string what, string word) => UntilAsync($"it shows: {what}", async () =>
        await CheckAsync() is var entry && entry.Status == HealthStatus.Unhealthy && Words(entry).Contains(word, StringComparison.Ordinal) ? null : $"{entry.Status} {Words(entry)}");

    private Task HealthyAsync() => UntilAsync("all is well again", async () =>
    {
        var entry = await CheckAsync();
        var status = await Messages.GetStatusAsync();
        return entry.Status == HealthStatus.Healthy && entry.Data.Values.OfType<ConsumerHealth>().All(one => one is { Lag: 0, State: "Live" }) && status is { Relay: ConsumerState.Live, Backlog: 0 }
            ? null
            : $"{entry.Status} {Words(entry)} {status}";
    });

    private async Task<HealthReportEntry> CheckAsync()
    {
        trial.Run.Operated();
        return (await host.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync()).Entries["eventsourcing"];
    }

    private static string Words(HealthReportEntry entry) => $"{entry.Description} {entry.Exception?.Message} {string.Join(' ', entry.Data.Values.OfType<ConsumerHealth>().Select(one => one.State + one.Lag + one.Error))}";

    private async Task UntilAsync(string what, Func<Task<string?>> isMissing)
    {
        for (var since = Stopwatch.GetTimestamp(); await isMissing() is { } missing;)
        {
            if (Stopwatch.GetElapsedTime(since) > Patience)
            {
                throw new ProofFailedException($"After {Patience.TotalSeconds} s it is not so: {what}. {missing}");
            }

            await Task.Delay(10);
        }
    }

    private sealed class Silent : IMessagePublisher
    {
        public Task PublishAsync(IReadOnlyList<PublicMessage> messages, CancellationToken cancellationToken = default) => Task.CompletedTask;
    }
}

/// <summary>A reactor that has messages of its own.</summary>
internal sealed class Reminders : Reactor
{
    public const string UsualName = "reminders";

    public Reminders()
        : base(UsualName, LogPosition.Start)
    {
        On<Said>((said, context) =>
        {
            if (said.Mood == Mood.Cross)
            {
                context.Schedule(said, said.At, said.To);
            }

            return Task.CompletedTask;
        });
        OnMessage<Said>((_, _) => Task.CompletedTask);
    }
}

/// <summary>Tells others.</summary>
internal sealed class Gossip : MessageTranslator
{
    public const string UsualName = "gossip";

    public Gossip()
        : base(UsualName, LogPosition.Start) => On<Said>((said, envelope) => said.What == "told" ? Message(envelope, "said", "said-1", said) with
        {
            Headers = new Dictionary<string, string> { ["to"] = said.To },
        } : null);
}
