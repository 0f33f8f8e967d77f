using System.Text;
using EventSourcing.InMemory;
using EventSourcing.PostgreSql;
using EventSourcing.TestInfrastructure;
using Npgsql;

namespace EventSourcing.Tenants;

/// <summary>A tenant that would like to know, or to change, what another has in the log that they share.</summary>
public abstract class TenantLogSuite : IAsyncLifetime
{
    private IEventStore log = null!;
    private TenantLog acme = null!;
    private TenantLog mallory = null!;

    protected static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    protected abstract Task<IEventStore> CreateAsync();

    protected virtual ValueTask ReleaseAsync() => ValueTask.CompletedTask;

    public async ValueTask InitializeAsync()
    {
        log = await CreateAsync();
        acme = new TenantLog(log, "acme");
        mallory = new TenantLog(log, "mallory");
    }

    public async ValueTask DisposeAsync()
    {
        await ReleaseAsync();
        GC.SuppressFinalize(this);
    }

    [Theory]
    [InlineData("order-7")]
    [InlineData("order-7@acme")]
    [InlineData("order-7@acme@acme")]
    [InlineData("order-7@")]
    [InlineData("@acme")]
    [InlineData("@acme-7")]
    [InlineData("order")]
    [InlineData("order@acme")]
    [InlineData("order-7@acme\u0001")]
    [InlineData("%")]
    [InlineData("_")]
    public async Task No_name_of_a_stream_leads_to_anothers(string name)
    {
        await WriteAsync(acme, "order-7", "secret");
        await WriteAsync(acme, "order", "secret");

        (await ReadAsync(mallory, name)).Should().BeEmpty();
        (await mallory.FindStreamAsync(name, Cancellation)).Should().BeNull();
        (await mallory.FindVersionAsync(name, SecretId, Cancellation)).Should().BeNull();
        var replayed = 0;
        await mallory.ReplayAsync(name, StreamVersion.None, _ => replayed++, Cancellation);
        replayed.Should().Be(0);

        // Written under that name it is a stream of its own, with the name it was given.
        await mallory.AppendAsync(name, ExpectedVersion.NoStream, [Event("mine")], Cancellation);
        (await ReadAsync(mallory, name)).Should().ContainSingle().Which.Stream.Should().Be(new StreamName(name));
        await mallory.ReplayAsync(name, StreamVersion.None, one => (one.Stream == new StreamName(name)).Should().BeTrue(), Cancellation);
        (await ReadAsync(acme, "order-7")).Should().ContainSingle();
        (await ReadAsync(acme, name)).Should().HaveCount(name is "order-7" or "order" ? 1 : 0);
        (await AllAsync(acme)).Should().HaveCount(2);
    }

    [Theory]
    [InlineData("@acme")]
    [InlineData("@mallory")]
    [InlineData("item:1")]
    [InlineData("item:1@acme")]
    [InlineData("tenant:acme")]
    [InlineData("{@acme}")]
    [InlineData("\"@acme\"")]
    [InlineData("@acme,@mallory")]
    public async Task No_tag_leads_to_anothers_events_or_puts_an_event_before_its_eyes(string tag)
    {
        await WriteAsync(acme, "order-7", "secret", "item:1", "@acme");

        (await AllAsync(mallory, new EventFilter { Tags = [tag] })).Should().BeEmpty();
        (await mallory.QueryAsync(Query(tag), Cancellation)).Events.Should().BeEmpty();

        await WriteAsync(mallory, "order-7", "mine", tag);

        (await AllAsync(mallory, new EventFilter { Tags = [tag] })).Should().ContainSingle().Which.Tags.Should().Equal(new Tag(tag));
        (await AllAsync(acme)).Should().ContainSingle().Which.Tags.Should().Equal("item:1", "@acme");
        (await AllAsync(acme, new EventFilter { Tags = [tag] })).Should().NotContain(recorded => Text(recorded) != "secret");
        (await acme.QueryAsync(Query(tag), Cancellation)).Events.Should().NotContain(recorded => Text(recorded) != "secret");
        (await acme.QueryAsync(EventQuery.All, Cancellation)).Events.Should().ContainSingle();
    }

    [Theory]
    [InlineData("order", 1)]
    [InlineData("settings", 1)]
    [InlineData("settings@acme", 0)]
    [InlineData("settings@mallory", 0)]
    [InlineData("@mallory", 0)]
    [InlineData("odd@mallory", 1)]
    [InlineData("a", 1)]
    public async Task A_category_is_the_one_of_the_name_that_the_tenant_gave(string category, int count)
    {
        foreach (var tenant in new[] { acme, mallory })
        {
            foreach (var name in new[] { "order-7", "settings", "odd@mallory", "a-b@acme-c" })
            {
                await WriteAsync(tenant, name, name);
            }
        }

        (await AllAsync(mallory, new EventFilter { Categories = [category] })).Should().HaveCount(count).And.NotContain(recorded => recorded.Stream.Category != category);
        (await AllAsync(mallory, new EventFilter { Categories = [new string('c', StreamName.MaxLength)] })).Should().BeEmpty();
    }

    [Fact]
    public async Task Names_that_are_too_long_with_the_tenants_are_refused_and_nothing_is_stored()
    {
        var longest = new string('s', StreamName.MaxLength - "@mallory".Length);
        var longestTag = new string('t', Tag.MaxLength - "@mallory".Length);
        await WriteAsync(mallory, longest, "fits", longestTag);
        (await ReadAsync(mallory, longest)).Should().ContainSingle().Which.Tags.Should().Equal(new Tag(longestTag));
        var many = Enumerable.Range(0, Tag.MaxCount).Select(i => $"many:{i}").ToArray();
        await WriteAsync(mallory, "most", "fits", many[1..]);
        var before = await log.GetHeadAsync(Cancellation);

        await RefusedAsync(() => WriteAsync(mallory, longest + "s", "too long"), "*has at most 492 characters*'@mallory'*has 493*");
        await RefusedAsync(() => WriteAsync(mallory, "a-1", "too long", longestTag + "t"), "*has at most 192 characters*'@mallory'*has 193*");
        await RefusedAsync(() => WriteAsync(mallory, "a-1", "too many", many), "*at most 31 tags*'written'*has 32*");
        await RefusedAsync(async () => await ReadAsync(mallory, longest + "s"), "*has at most 492 characters*");
        await RefusedAsync(() => mallory.QueryAsync(Query(longestTag + "t"), Cancellation), "*has at most 192 characters*");
        (await log.GetHeadAsync(Cancellation)).Should().Be(before);
    }

    [Fact]
    public async Task A_refusal_names_the_tenants_own_streams_and_nothing_else()
    {
        await WriteAsync(acme, "order-7", "secret");
        await WriteAsync(mallory, "order-7", "mine");
        var request = new AppendRequest(
            new StreamAppend("order-7", ExpectedVersion.At(5), [Event("late")]), new StreamAppend("other-1", ExpectedVersion.StreamExists, [Event("late")]))
        {
            Condition = new AppendCondition(EventQuery.All, DecisionPoint.Start),
        };

        var refusal = (await FluentActions.Awaiting(() => mallory.AppendAsync(request, Cancellation)).Should().ThrowAsync<ConcurrencyConflictException>()).Which;

        refusal.Conflicts.Should().Equal(
            new VersionConflict("order-7", ExpectedVersion.At(5), new StreamVersion(1)), new VersionConflict("other-1", ExpectedVersion.StreamExists, StreamVersion.None));
        refusal.Unseen!.Value.Value.Should().Be((await ReadAsync(mallory, "order-7"))[0].Position.Value);
        refusal.ToString().Should().NotContain("acme").And.NotContain("@mallory");
    }

    [Fact]
    public async Task A_position_of_anothers_event_gives_nothing_and_a_wait_ends_where_the_log_has_moved()
    {
        var secret = await WriteAsync(acme, "order-7", "secret");

        var page = await mallory.ReadLogAsync(new LogReadOptions { After = new LogPosition(secret.Position.Value - 1), UpTo = secret.Position }, Cancellation);
        page.Events.Should().BeEmpty();
        page.ReadTo.Should().Be(secret.Position);
        page.IsEnd.Should().BeTrue();
        await mallory.WaitForAppendAsync(LogPosition.Start, Cancellation).WaitAsync(TimeSpan.FromSeconds(30), Cancellation);
        (await mallory.ReadPagesAsync(new LogReadOptions(), Cancellation).ToListAsync(Cancellation)).SelectMany(one => one.Events).Should().BeEmpty();
    }

    [Fact]
    public async Task What_a_handler_throws_reaches_the_caller_as_it_is()
    {
        await WriteAsync(mallory, "order-7", "mine");
        var thrown = new DamagedDataException("By the fold.", new InvalidOperationException()) { Stream = new StreamName("order-7") };

        (await FluentActions.Awaiting(() => mallory.ReplayAsync("order-7", StreamVersion.None, _ => throw thrown, Cancellation)).Should().ThrowAsync<DamagedDataException>())
            .Which.Should().BeSameAs(thrown);
    }

    [Fact]
    public async Task An_event_that_somebody_has_put_under_a_tenants_tag_past_the_tenants_is_not_taken_for_its_own()
    {
        await log.AppendAsync("order-7@acme", ExpectedVersion.NoStream, [new EventData(Guid.NewGuid(), "written", "{}"u8.ToArray(), tags: [new TenantName("mallory").Tag])], Cancellation);

        (await FluentActions.Awaiting(() => AllAsync(mallory)).Should().ThrowAsync<DamagedDataException>()).Which.Message.Should().NotContain("acme");
        (await FluentActions.Awaiting(() => mallory.QueryAsync(EventQuery.All, Cancellation)).Should().ThrowAsync<DamagedDataException>()).Which.Message.Should().NotContain("order-7");
        (await FluentActions.Awaiting(() => ReadAsync(acme, "order-7")).Should().ThrowAsync<DamagedDataException>()).Which.Message.Should().NotContain("mallory");
    }

    [Fact]
    public async Task Those_who_run_the_log_find_a_tenants_events_by_its_tag()
    {
        await WriteAsync(acme, "order-7", "secret", "item:1");
        await WriteAsync(mallory, "order-7", "mine");

        var found = await AllAsync(log, new EventFilter { Tags = [acme.Tenant.Tag] });

        found.Should().ContainSingle().Which.Stream.Should().Be(new StreamName("order-7@acme"));
        found[0].Tags.Should().Equal("item:1@acme", "@acme");
    }

    [Fact]
    public void A_part_of_a_part_is_none() =>
        FluentActions.Invoking(() => new TenantLog(mallory, "acme")).Should().Throw<ArgumentException>().WithMessage("*'mallory'*");

    private static readonly Guid SecretId = Guid.NewGuid();

    private static EventData Event(string text, params string[] tags) =>
        new(text == "secret" ? SecretId : Guid.NewGuid(), "written", Encoding.UTF8.GetBytes($"\"{text}\""), tags: [.. tags.Select(tag => new Tag(tag))]);

    private static Task<AppendResult> WriteAsync(TenantLog store, StreamName stream, string text, params string[] tags) =>
        store.AppendAsync(stream, ExpectedVersion.NoStream, [Event(text, tags)], Cancellation);

    private static string Text(RecordedEvent recorded) => Encoding.UTF8.GetString(recorded.Data.Span).Trim('"');

    private static EventQuery Query(string tag) => new(new EventQueryItem { Tags = [tag] });

    private static async Task<List<RecordedEvent>> ReadAsync(TenantLog store, StreamName stream) =>
        await store.ReadStreamAsync(stream, cancellationToken: Cancellation).ToListAsync(Cancellation);

    private static async Task<List<RecordedEvent>> AllAsync(IEventStore store, EventFilter? filter = null) =>
        await store.ReadAllAsync(new LogReadOptions { Filter = filter ?? EventFilter.All }, Cancellation).ToListAsync(Cancellation);

    private static async Task RefusedAsync(Func<Task> act, string message) =>
        await FluentActions.Awaiting(act).Should().ThrowAsync<ArgumentException>().WithMessage(message);
}

public sealed class TenantLogInMemoryTests : TenantLogSuite
{
    protected override Task<IEventStore> CreateAsync() => Task.FromResult<IEventStore>(new InMemoryEventStore());
}

public sealed class TenantLogPostgreSqlTests : TenantLogSuite
{
    private readonly TenantDatabase database = new();
    private PostgreSqlEventStore? store;
    private NpgsqlDataSource? dataSource;

    protected override async Task<IEventStore> CreateAsync()
    {
        dataSource = NpgsqlDataSource.Create((await PostgreSqlServer.GetAsync(Cancellation)).ConnectionString);
        store = new PostgreSqlEventStore(dataSource, new PostgreSqlOptions { Schema = database.Prefix });
        await store.Schema.InstallAsync(Cancellation);
        return store;
    }

    protected override async ValueTask ReleaseAsync()
    {
        await store!.DisposeAsync();
        await dataSource!.DisposeAsync();
        await database.DropAsync();
    }
}
