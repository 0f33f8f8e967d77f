using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace EventSourcing.Tenants;

/// <summary>What holds of tenants however they are kept: two that do the same under the same names, and nothing of one is to be found at the other.</summary>
public abstract class TenantSuite : IAsyncLifetime
{
    protected static readonly TenantName Acme = "acme";
    protected static readonly TenantName Globex = "globex";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly Ledger ledger = new();
    private IHost host = null!;
    private Tenant acme = null!;
    private Tenant globex = null!;

    protected static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>What the application itself has: a log to share, a data source.</summary>
    protected virtual Task PrepareAsync(IServiceCollection services) => Task.CompletedTask;

    /// <summary>Chooses a tenant's store.</summary>
    protected abstract void Keep(TenantName tenant, EventSourcingBuilder builder);

    protected virtual ValueTask ReleaseAsync() => ValueTask.CompletedTask;

    public async ValueTask InitializeAsync()
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        await PrepareAsync(builder.Services);
        builder.Services.AddEventSourcingTenants([Acme, Globex], Configure);
        host = builder.Build();
        await host.StartAsync(Cancellation);
        var tenants = host.Services.GetRequiredService<ITenants>();
        acme = await tenants.GetAsync(Acme, Cancellation);
        globex = await tenants.GetAsync(Globex, Cancellation);
    }

    public async ValueTask DisposeAsync()
    {
        await host.StopAsync(CancellationToken.None);
        await ((IAsyncDisposable)host).DisposeAsync();
        await ReleaseAsync();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task A_conversation_of_one_name_is_two_and_so_is_an_event_of_one_id()
    {
        var id = Guid.NewGuid();
        foreach (var tenant in new[] { acme, globex })
        {
            var metadata = Encoding.UTF8.GetBytes($$"""{"correlationId":"c-1","actor":"{{tenant.Name}}"}""");
            await AppendAsync(tenant, "order-7", ExpectedVersion.NoStream, new EventData(id, "noted", "{}"u8.ToArray(), metadata, ["item:1"]));
        }

        foreach (var tenant in new[] { acme, globex })
        {
            var trail = tenant.Services.GetRequiredService<AuditTrail>();
            var found = (await trail.OfCorrelationAsync("c-1", Cancellation).ToListAsync(Cancellation)).Should().ContainSingle().Which;
            (found.Metadata.Actor, found.Recorded.Stream.Value, found.Recorded.Tags.Single().Value).Should().Be((tenant.Name.Value, "order-7", "item:1"));
            (await trail.FindAsync(id, Cancellation))!.Metadata.Actor.Should().Be(tenant.Name.Value);
        }
    }

    [Fact]
    public async Task Streams_of_one_name_are_two_with_versions_and_events_of_their_own()
    {
        var same = Event("acme's", "item:1");
        await AppendAsync(acme, "order-7", ExpectedVersion.NoStream, same, Event("acme's"));
        await AppendAsync(globex, "order-7", ExpectedVersion.NoStream, new EventData(same.Id, same.Type, "\"globex's\""u8.ToArray()));

        (await TextsAsync(acme, "order-7")).Should().Equal("\"acme's\"", "\"acme's\"");
        (await TextsAsync(globex, "order-7")).Should().Equal("\"globex's\"");
        (await globex.Store.FindVersionAsync("order-7", same.Id, Cancellation)).Should().Be(new StreamVersion(1));
        (await globex.Store.FindStreamAsync("order-7", Cancellation)).Should().Be(new StreamInfo("order-7", new StreamVersion(1), new StreamVersion(1), StreamState.Open));
        (await acme.Store.FindStreamAsync("order-7", Cancellation))!.Version.Should().Be(new StreamVersion(2));
        var conflict = await FluentActions.Awaiting(() => AppendAsync(globex, "order-7", ExpectedVersion.At(2), Event("late"))).Should().ThrowAsync<ConcurrencyConflictException>();
        conflict.Which.Conflicts.Should().Equal(new VersionConflict("order-7", ExpectedVersion.At(2), new StreamVersion(1)));
        conflict.Which.Message.Should().NotContain("@").And.NotContain("acme");
    }

    [Fact]
    public async Task The_log_holds_a_tenants_own_events_only_in_the_order_in_which_it_wrote_them()
    {
        for (var i = 0; i < 5; i++)
        {
            await AppendAsync(acme, $"order-{i}", ExpectedVersion.NoStream, Event($"a{i}", "item:1", "colour:red"));
            await AppendAsync(globex, $"order-{i}", ExpectedVersion.NoStream, Event($"g{i}", "item:1"), Event($"h{i}"));
            await AppendAsync(acme, "settings", ExpectedVersion.Any, Event($"s{i}"));
        }

        (await LogAsync(acme)).Should().Equal("a0", "s0", "a1", "s1", "a2", "s2", "a3", "s3", "a4", "s4");
        (await LogAsync(globex)).Should().Equal("g0", "h0", "g1", "h1", "g2", "h2", "g3", "h3", "g4", "h4");
        (await LogAsync(acme, new EventFilter { Tags = ["item:1"] })).Should().Equal("a0", "a1", "a2", "a3", "a4");
        (await LogAsync(globex, new EventFilter { Tags = ["item:1"] })).Should().Equal("g0", "g1", "g2", "g3", "g4");
        (await LogAsync(globex, new EventFilter { Tags = ["colour:red"] })).Should().BeEmpty();
        (await LogAsync(acme, new EventFilter { Categories = ["settings"] })).Should().Equal("s0", "s1", "s2", "s3", "s4");
        (await LogAsync(globex, new EventFilter { Categories = ["settings"] })).Should().BeEmpty();
        (await LogAsync(globex, new EventFilter { Categories = ["order"], EventTypes = ["written"] })).Should().HaveCount(10);
        var shards = await Task.WhenAll(Enumerable.Range(0, 3).Select(i => LogAsync(acme, new EventFilter { Shard = new StreamShard(i, 3) })));
        shards.SelectMany(shard => shard).Should().BeEquivalentTo(await LogAsync(acme));
        (await acme.Store.ReadAllAsync(cancellationToken: Cancellation).ToListAsync(Cancellation)).SelectMany(recorded => recorded.Tags).Distinct()
            .Should().BeEquivalentTo(new Tag[] { "item:1", "colour:red" });
    }

    [Fact]
    public async Task A_subscription_tells_of_its_tenants_events_only()
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        stop.CancelAfter(Patience);
        var received = new List<string>();
        await AppendAsync(globex, "order-1", ExpectedVersion.NoStream, Event("before"));
        var writing = Task.Run(
            async () =>
            {
                for (var i = 0; i < 20; i++)
                {
                    await AppendAsync(globex, $"order-{i}", ExpectedVersion.Any, Event($"g{i}"));
                    await AppendAsync(acme, $"order-{i}", ExpectedVersion.Any, Event($"a{i}"));
                }
            },
            Cancellation);

        await foreach (var message in acme.Store.SubscribeAsync(cancellationToken: stop.Token))
        {
            if (message is EventReceived { Event: var recorded })
            {
                received.Add(Text(recorded));
                if (received.Count == 20)
                {
                    break;
                }
            }
        }

        await writing;
        received.Should().Equal(Enumerable.Range(0, 20).Select(i => $"a{i}"));
    }

    [Fact]
    public async Task Queries_and_conditions_know_the_tenants_own_events_only()
    {
        await AppendAsync(acme, "order-1", ExpectedVersion.NoStream, Event("a", "item:1"));
        await AppendAsync(globex, "order-1", ExpectedVersion.NoStream, Event("g", "item:1", "item:2"));
        EventQuery[] queries =
        [
            EventQuery.All,
            new(new EventQueryItem { Types = ["written"] }),
            new(new EventQueryItem { Tags = ["item:1"] }),
            new(new EventQueryItem { Types = ["written"], Tags = ["item:1"], IsLatestOnly = true }, new EventQueryItem { Tags = ["item:2"] }),
        ];
        var n = 0;
        foreach (var query in queries)
        {
            var (mine, others) = (await acme.Store.QueryAsync(query, Cancellation), await globex.Store.QueryAsync(query, Cancellation));
            mine.Events.Should().NotBeEmpty().And.OnlyContain(recorded => Text(recorded).StartsWith('a'));
            others.Events.Should().NotBeEmpty().And.OnlyContain(recorded => Text(recorded).StartsWith('g'));

            // What the other stores does not spoil the decision; what the tenant itself stores does.
            await AppendAsync(globex, $"more-{n}", ExpectedVersion.NoStream, Event("g more", "item:1", "item:2"));
            var decided = new AppendRequest(new StreamAppend($"decided-{n}", ExpectedVersion.NoStream, [Event("a decided", "item:1")])) { Condition = new AppendCondition(query, mine.Point) };
            await acme.Store.AppendAsync(decided, Cancellation);
            var late = new AppendRequest(new StreamAppend($"late-{n++}", ExpectedVersion.NoStream, [Event("late")])) { Condition = new AppendCondition(query, mine.Point) };
            (await FluentActions.Awaiting(() => acme.Store.AppendAsync(late, Cancellation)).Should().ThrowAsync<ConcurrencyConflictException>())
                .Which.Unseen.Should().NotBeNull();
        }
    }

    [Fact]
    public async Task Commands_views_reactors_and_messages_are_each_tenants_own()
    {
        await acme.Commands.DispatchAsync(new AddItem("order-7", "pen"), cancellationToken: Cancellation);
        await acme.Commands.DispatchAsync(new AddItem("order-7", "ink"), cancellationToken: Cancellation);
        await globex.Commands.DispatchAsync(new AddItem("order-7", "cup"), cancellationToken: Cancellation);
        await EventuallyAsync(() => ledger.Of("acme", "publish").Count() >= 2 && ledger.Of("globex", "publish").Any());
        await CaughtUpAsync(acme);
        await CaughtUpAsync(globex);

        (await ViewAsync(acme, "order-7")).Should().Be(new OrderView("acme", 2));
        (await ViewAsync(globex, "order-7")).Should().Be(new OrderView("globex", 1));
        ledger.Of("acme", "command").Should().Equal("pen", "ink");
        ledger.Of("globex", "command").Should().Equal("cup");
        ledger.Of("acme", "mail").Should().Equal("order-7 pen", "order-7 ink");
        ledger.Of("globex", "mail").Should().Equal("order-7 cup");
        ledger.Of("acme", "publish").Should().Equal("pen", "ink");
        ledger.Of("globex", "publish").Should().Equal("cup");
        var reminder = (await Reactors(acme).ListMessagesAsync("mails", Cancellation)).Should().ContainSingle().Subject;
        (await Reactors(globex).ListMessagesAsync("mails", Cancellation)).Should().ContainSingle().Which.Id.Should().NotBe(reminder.Id);
        (await Reactors(acme).DiscardMessageAsync(reminder, Cancellation)).Should().BeTrue();
        (await Reactors(globex).ListMessagesAsync("mails", Cancellation)).Should().ContainSingle();
    }

    [Fact]
    public async Task Checkpoints_and_snapshots_of_one_name_are_two()
    {
        var (mine, others) = (acme.Services.GetRequiredService<ICheckpointStore>(), globex.Services.GetRequiredService<ICheckpointStore>());
        await mine.SaveAsync("feed", Checkpoint.After(new LogPosition(41)), Cancellation);
        (await others.LoadAsync("feed", Cancellation)).Should().BeNull();
        await others.SaveAsync("feed", Checkpoint.After(new LogPosition(1)), Cancellation);
        (await mine.LoadAsync("feed", Cancellation)).Should().Be(Checkpoint.After(new LogPosition(41)));

        for (var i = 0; i < 4; i++)
        {
            await acme.Repository.ExecuteAsync<Order>("order-7", order => order.Add("pen"), cancellationToken: Cancellation);
        }

        await EventuallyAsync(async () => await acme.Services.GetRequiredService<ISnapshotStore>().LoadAsync("order-7", "order", Cancellation) is not null);
        (await globex.Services.GetRequiredService<ISnapshotStore>().LoadAsync("order-7", "order", Cancellation)).Should().BeNull();
        (await globex.Repository.LoadAsync<Order>("order-7", Cancellation)).Count.Should().Be(0);
        (await acme.Repository.LoadAsync<Order>("order-7", Cancellation)).Count.Should().Be(4);
    }

    [Fact]
    public async Task A_poison_event_of_one_tenant_parks_and_stops_nothing_of_the_others()
    {
        await acme.Store.AppendAsync("order-1", ExpectedVersion.NoStream, [new EventData(Guid.NewGuid(), "poisoned", "{}"u8.ToArray())], Cancellation);
        await acme.Repository.ExecuteAsync<Order>("order-1", order => order.Add("pen"), cancellationToken: Cancellation);
        await globex.Repository.ExecuteAsync<Order>("order-1", order => order.Add("cup"), cancellationToken: Cancellation);
        await CaughtUpAsync(globex);
        await CaughtUpAsync(acme);

        var letter = (await Projections(acme).ListDeadLettersAsync("orders", Cancellation)).Should().ContainSingle().Subject;
        letter.Position.Value.Should().BePositive();
        (await Projections(globex).ListDeadLettersAsync("orders", Cancellation)).Should().BeEmpty();
        (await Projections(globex).DiscardDeadLetterAsync(letter, Cancellation)).Should().BeFalse();
        (await Projections(acme).ListDeadLettersAsync("orders", Cancellation)).Should().ContainSingle();
        (await ViewAsync(globex, "order-1")).Should().Be(new OrderView("globex", 1));
        (await Projections(globex).GetStatusAsync(Cancellation)).Should().ContainSingle().Which.State.Should().BeOneOf(ConsumerState.Live, ConsumerState.CatchingUp);
    }

    [Fact]
    public async Task Building_a_projection_anew_or_pausing_it_does_not_touch_the_others()
    {
        await acme.Repository.ExecuteAsync<Order>("order-1", order => order.Add("pen"), cancellationToken: Cancellation);
        await globex.Repository.ExecuteAsync<Order>("order-1", order => order.Add("cup"), cancellationToken: Cancellation);
        await CaughtUpAsync(acme);
        await CaughtUpAsync(globex);

        await Projections(acme).RebuildAsync("orders", Cancellation).WaitAsync(Patience, Cancellation);
        await EventuallyAsync(() => ledger.Of("acme", "fold").Count() == 2);
        ledger.Of("globex", "fold").Should().ContainSingle();

        await Projections(acme).PauseAsync("orders", Cancellation);
        await globex.Repository.ExecuteAsync<Order>("order-2", order => order.Add("cup"), cancellationToken: Cancellation);
        await acme.Repository.ExecuteAsync<Order>("order-2", order => order.Add("pen"), cancellationToken: Cancellation);
        await CaughtUpAsync(globex);
        (await ViewAsync(globex, "order-2")).Should().Be(new OrderView("globex", 1));
        (await ViewAsync(acme, "order-2")).Should().BeNull();
        (await Projections(globex).GetStatusAsync(Cancellation)).Should().ContainSingle().Which.State.Should().NotBe(ConsumerState.Paused);
    }

    [Fact]
    public async Task Many_who_write_the_same_streams_at_once_meet_their_own_tenants_conflicts_only()
    {
        const int Writers = 6;
        const int Appends = 10;
        await Task.WhenAll(new[] { acme, globex }.SelectMany(tenant => Enumerable.Range(0, Writers).Select(writer => Task.Run(
            async () =>
            {
                for (var i = 0; i < Appends; i++)
                {
                    await tenant.Store.AppendAsync($"order-{i % 3}", ExpectedVersion.Any, [Event($"{tenant.Name} {writer} {i}", "item:1")], Cancellation);
                    await tenant.Repository.ExecuteAsync<Order>($"cart-{writer}", order => order.Add("pen"), cancellationToken: Cancellation);
                }
            },
            Cancellation))));

        foreach (var tenant in new[] { acme, globex })
        {
            var log = await tenant.Store.ReadAllAsync(cancellationToken: Cancellation).ToListAsync(Cancellation);
            log.Should().HaveCount(2 * Writers * Appends);
            log.Where(recorded => recorded.Type == "written").Should().OnlyContain(recorded => Text(recorded).StartsWith(tenant.Name.Value + " "));
            foreach (var stream in log.GroupBy(recorded => recorded.Stream))
            {
                stream.Select(recorded => recorded.Version.Value).Should().Equal(Enumerable.Range(1, stream.Count()).Select(version => (long)version));
            }

            await CaughtUpAsync(tenant);
            (await ViewAsync(tenant, "cart-0")).Should().Be(new OrderView(tenant.Name.Value, Appends));
        }
    }

    [Fact]
    public async Task An_append_that_is_repeated_is_recognised_by_its_own_tenant_only()
    {
        var same = Event("same");
        var first = await AppendAsync(acme, "order-1", ExpectedVersion.NoStream, same);
        (await AppendAsync(acme, "order-1", ExpectedVersion.NoStream, same)).Should().Match<AppendResult>(again => again.AlreadyStored && again.Position == first.Position);
        (await AppendAsync(globex, "order-1", ExpectedVersion.NoStream, same)).AlreadyStored.Should().BeFalse();
    }

    private protected static EventData Event(string text, params string[] tags) =>
        new(Guid.NewGuid(), "written", Encoding.UTF8.GetBytes($"\"{text}\""), tags: [.. tags.Select(tag => new Tag(tag))]);

    private static Task<AppendResult> AppendAsync(Tenant tenant, StreamName stream, ExpectedVersion expected, params EventData[] events) =>
        tenant.Store.AppendAsync(stream, expected, events, Cancellation);

    private static string Text(RecordedEvent recorded) => Encoding.UTF8.GetString(recorded.Data.Span).Trim('"');

    private static async Task<IEnumerable<string>> TextsAsync(Tenant tenant, StreamName stream) =>
        (await tenant.Store.ReadStreamAsync(stream, cancellationToken: Cancellation).ToListAsync(Cancellation)).Select(recorded => Encoding.UTF8.GetString(recorded.Data.Span));

    private static async Task<IEnumerable<string>> LogAsync(Tenant tenant, EventFilter? filter = null) =>
        (await tenant.Store.ReadAllAsync(new LogReadOptions { Filter = filter ?? EventFilter.All, PageSize = 3 }, Cancellation).ToListAsync(Cancellation)).Select(Text);

    private static ProjectionRunner Projections(Tenant tenant) => tenant.Services.GetRequiredService<ProjectionRunner>();

    private static ReactorRunner Reactors(Tenant tenant) => tenant.Services.GetRequiredService<ReactorRunner>();

    private static Task<OrderView?> ViewAsync(Tenant tenant, string key) => tenant.Services.GetRequiredService<IViewReader<OrderView>>().FindAsync(key, Cancellation);

    private static async Task CaughtUpAsync(Tenant tenant)
    {
        var head = (await tenant.Store.GetHeadAsync(Cancellation)).Final;
        await Projections(tenant).WaitForAsync("orders", head, Cancellation).WaitAsync(Patience, Cancellation);
        await Reactors(tenant).WaitForAsync("mails", head, Cancellation).WaitAsync(Patience, Cancellation);
    }

    private static Task EventuallyAsync(Func<bool> isSo) => EventuallyAsync(() => Task.FromResult(isSo()));

    private static async Task EventuallyAsync(Func<Task<bool>> isSo)
    {
        var until = DateTime.UtcNow + Patience;
        while (!await isSo())
        {
            DateTime.UtcNow.Should().BeBefore(until, "it should have come to pass by now");
            await Task.Delay(10, Cancellation);
        }
    }

    private void Configure(TenantName tenant, EventSourcingBuilder builder)
    {
        var quick = new ConsumerOptions
        {
            MaxAttempts = 2, FirstRetryDelay = TimeSpan.FromMilliseconds(1), LeaseTime = TimeSpan.FromSeconds(1), PageSize = 4, OnPoison = PoisonAction.Park,
        };
        builder.Services.Configure<EventSourcingOptions>(options => (options.Projections, options.Reactors, options.Messages) = (quick, quick, quick));
        builder.Services.AddSingleton(ledger);
        builder.Services.AddSingleton<IMessagePublisher, Broker>();
        builder
            .AddEvent<Ordered>().AddEvent<Poisoned>().AddEvent<Reminder>()
            .AddCommandHandler<AddItem, AddItemHandler>()
            .AddView<Orders, OrderView>()
            .AddReactor<Mails>()
            .AddMessageTranslator<OrderMessages>();
        Keep(tenant, builder);
    }
}
