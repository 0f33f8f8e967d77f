using System.Text;
using EventSourcing.Conformance;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace EventSourcing.PostgreSql;

/// <summary>What of personal data is in the database, and who may have the keys.</summary>
public sealed class PersonalDataTests
{
    private const string Refused = PostgresErrorCodes.InsufficientPrivilege;
    private const string Secret = "Ada-Lovelace-1815";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task No_table_holds_a_word_of_it()
    {
        await using var database = await TestDatabase.CreateAsync();
        await using var process = Process(database.Store);
        var repository = process.GetRequiredService<IRepository>();
        await repository.ExecuteAsync(
            "guest-7", Card, _ => [new GuestCame("guest-7", Secret, ["x", Secret]), new GuestCame("guest-7", Secret, [])], cancellationToken: Cancellation);
        await repository.LoadAsync("guest-7", Card, Cancellation);
        await process.GetRequiredService<ProjectionRunner>().CatchUpAsync(Cancellation);
        (await process.GetRequiredService<IViewReader<GuestCard>>().FindAsync("guest-7", Cancellation))!.Name.Should().Be(Secret);
        (await process.GetRequiredService<ISnapshotStore>().LoadAsync("guest-7", "card", Cancellation)).Should().NotBeNull();

        // Handlers that fail at it leave their error behind, too.
        var letters = await process.GetRequiredService<ProjectionRunner>().ListDeadLettersAsync("fussy", Cancellation);
        letters.Should().NotBeEmpty();
        var dump = await DumpAsync(database);
        dump.Should().Contain("guest-7").And.Contain("subject:guest-7").And.Contain("$personal").And.Contain("cannot be written as JSON");
        dump.Should().NotContain(Secret);

        (await process.GetRequiredService<DataSubjects>().ForgetAsync("guest-7", Cancellation)).Should().BeTrue();
        (await database.ScalarAsync<long>("select count(*) from {schema}.subject_keys where wrapped_key is null and master_key is null and forgotten_at is not null")).Should().Be(1);
    }

    [Fact]
    public async Task An_application_makes_keys_and_forgets_and_does_nothing_else_to_them()
    {
        await using var database = await RoleDatabase.CreateAsync();
        var login = await database.LoginAsync(database.Roles.Application);
        var keys = new PostgreSqlSubjectKeyStore(database.StoreFor(login));
        await keys.AddAsync([Key("ada"), Key("bob")], Cancellation);
        keys.Add([Key("carl")]).Should().ContainSingle();
        keys.Load(["ada", "bob", "carl"]).Should().HaveCount(3);
        (await keys.ForgetAsync("ada", Cancellation)).Should().BeTrue();
        (await keys.AddAsync([Key("ada")], Cancellation)).Single().Key.Should().BeNull();

        foreach (var sql in Attacks)
        {
            (await database.TryAsync(login, sql)).Should().Be(Refused, sql);
        }

        await FluentActions.Awaiting(() => keys.ReplaceAsync(Key("bob"), Key("bob"), Cancellation)).Should().ThrowAsync<PostgresException>();
    }

    [Fact]
    public async Task A_maintainer_replaces_keys_and_a_reader_sees_none()
    {
        await using var database = await RoleDatabase.CreateAsync();
        var maintainer = await database.LoginAsync(database.Roles.Maintainer);
        var reader = await database.LoginAsync(database.Roles.Reader);
        var keys = new PostgreSqlSubjectKeyStore(database.StoreFor(maintainer));
        await keys.AddAsync([Key("ada")], Cancellation);

        (await keys.ReplaceAsync(Key("ada"), Key("ada") with { Key = new WrappedKey("next", new byte[] { 2 }) }, Cancellation)).Should().BeTrue();

        foreach (var sql in Attacks.Where(sql => !sql.Contains("set wrapped_key = '\\x02'", StringComparison.Ordinal) && !sql.Contains("for update", StringComparison.Ordinal)))
        {
            (await database.TryAsync(maintainer, sql)).Should().Be(Refused, sql);
        }

        foreach (var sql in (string[])[.. Attacks, "select * from {schema}.subject_keys", "select count(*) from {schema}.subject_keys", "select {schema}.forget_subject('ada')", "insert into {schema}.subject_keys (subject, wrapped_key, master_key) values ('x', '\\x01', 'm')"])
        {
            (await database.TryAsync(reader, sql)).Should().Be(Refused, sql);
        }
    }

    [Fact]
    public async Task Keys_out_of_reach_are_said_to_be_so_also_amid_serialization()
    {
        await using var database = await TestDatabase.CreateAsync();
        await database.ExecuteAsync("drop table {schema}.subject_keys");
        var keys = new PostgreSqlSubjectKeyStore(database.Store);
        FluentActions.Invoking(() => keys.Load(["ada"])).Should().Throw<SchemaNotInstalledException>();

        await using var nowhere = NpgsqlDataSource.Create("Host=localhost;Port=1;Username=nobody;Timeout=2");
        await using var store = new PostgreSqlEventStore(nowhere, new PostgreSqlOptions { MaxAttempts = 2 });
        FluentActions.Invoking(() => new PostgreSqlSubjectKeyStore(store).Add([Key("ada")])).Should().Throw<EventStoreUnavailableException>();
    }

    private static readonly string[] Attacks =
    [
        "delete from {schema}.subject_keys",
        "truncate {schema}.subject_keys",
        "update {schema}.subject_keys set wrapped_key = '\\x02'",
        "update {schema}.subject_keys set wrapped_key = null, master_key = null, forgotten_at = now()",
        "update {schema}.subject_keys set forgotten_at = null",
        "update {schema}.subject_keys set subject = 'another'",
        "insert into {schema}.subject_keys (subject, forgotten_at) values ('x', now())",
        "select * from {schema}.subject_keys for update",
        "alter table {schema}.subject_keys owner to current_user",
        "create or replace function {schema}.forget_subject(p_subject text) returns boolean language sql as 'select true'",
    ];

    private static readonly Fold<GuestCard> Card = new(() => new GuestCard("", "", 0), (card, one) => one is GuestCame came ? new GuestCard(came.GuestId, came.Name, card.Visits + 1) : card)
    {
        Snapshots = SnapshotPolicy.Of<GuestCard>("card", 1, 2),
    };

    private static StoredSubjectKey Key(string subject) => new(subject, new WrappedKey("master", new byte[] { 1 }));

    private static ServiceProvider Process(PostgreSqlEventStore store)
    {
        var services = new ServiceCollection();
        ConformanceDatabase.AddBeside(services, store);
        services
            .AddEventSourcing(options => options.Projections = ConsumerSuite.Quick with { OnPoison = PoisonAction.Park, MaxAttempts = 1 })
            .AddEvent<GuestCame>()
            .AddView<GuestCards, GuestCard>()
            .AddView<FussyCards, Fussy>()
            .AddPersonalData(options => options.MasterKey = new AesMasterKey("master", new byte[32]));
        services.AddSingleton<IEventStore>(store);
        return services.BuildServiceProvider();
    }

    private static async Task<string> DumpAsync(TestDatabase database)
    {
        var text = new StringBuilder();
        await using var tables = database.DataSource.CreateCommand(
            $"select format('%I.%I', schemaname, tablename) from pg_tables where starts_with(schemaname, '{database.SchemaName}')");
        var names = new List<string>();
        await using (var rows = await tables.ExecuteReaderAsync(Cancellation))
        {
            while (await rows.ReadAsync(Cancellation))
            {
                names.Add(rows.GetString(0));
            }
        }

        foreach (var name in names)
        {
            await using var command = database.DataSource.CreateCommand($"select coalesce(string_agg(t::text, E'\\n'), '') from {name} t");
            text.AppendLine((string)(await command.ExecuteScalarAsync(Cancellation))!);
        }

        return text.ToString();
    }

    [EventType("guest-came")]
    private sealed record GuestCame([property: DataSubject] string GuestId, [property: PersonalData] string Name, [property: PersonalData] string[] Companions);

    private sealed record GuestCard([property: DataSubject] string GuestId, [property: PersonalData] string Name, int Visits);

    /// <summary>A view that cannot be kept, and says what it was given.</summary>
    private sealed record Fussy([property: DataSubject] string GuestId, [property: PersonalData] Fuss Fuss);

    [System.Text.Json.Serialization.JsonConverter(typeof(FussConverter))]
    private sealed record Fuss(string Text);

    private sealed class FussConverter : System.Text.Json.Serialization.JsonConverter<Fuss>
    {
        public override Fuss Read(ref System.Text.Json.Utf8JsonReader reader, Type typeToConvert, System.Text.Json.JsonSerializerOptions options) => new(reader.GetString()!);

        public override void Write(System.Text.Json.Utf8JsonWriter writer, Fuss value, System.Text.Json.JsonSerializerOptions options) =>
            throw new System.Text.Json.JsonException($"'{value.Text}' cannot be written.");
    }

    private sealed class GuestCards : ViewProjection<GuestCard>
    {
        public GuestCards()
            : base("cards") => On<GuestCame>((card, came, _) => new GuestCard(came.GuestId, came.Name, (card?.Visits ?? 0) + 1));
    }

    private sealed class FussyCards : ViewProjection<Fussy>
    {
        public FussyCards()
            : base("fussy") => On<GuestCame>((_, came, _) => new Fussy(came.GuestId, new Fuss(came.Name)));
    }
}
