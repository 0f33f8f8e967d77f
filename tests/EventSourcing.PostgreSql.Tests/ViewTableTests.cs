namespace EventSourcing.PostgreSql;

/// <summary>What is particular about views in a server.</summary>
public sealed class ViewTableTests
{
    private static readonly EventSerializer Serializer = new(new EventTypeRegistry().Add<Noted>());

    private static readonly ConsumerOptions Quick = new() { FirstRetryDelay = TimeSpan.FromMilliseconds(1), MaxAttempts = 2 };

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_page_does_not_wait_for_the_disk_and_leaves_its_connection_as_it_was()
    {
        await using var database = await TestDatabase.CreateAsync();
        await using var single = Npgsql.NpgsqlDataSource.Create(database.ConnectionString + ";Maximum Pool Size=4");
        await using var store = database.NewStore(_ => { }, dataSource: single);
        await database.ExecuteAsync(
            """
            create schema {schema}_notes;
            create table {schema}_notes.views (key text collate "C" primary key, data jsonb);
            create table {schema}_notes.seen (setting text);
            create function {schema}_notes.see() returns trigger language plpgsql as $$
            begin
              insert into {schema}_notes.seen values (current_setting('synchronous_commit'));
              return new;
            end $$;
            create trigger see after insert on {schema}_notes.views for each row execute function {schema}_notes.see();
            """);
        await AppendAsync(store, "note-1", "a");

        await RunAsync(store, new Notes());

        (await database.ScalarAsync<string>("select string_agg(setting, ',') from {schema}_notes.seen")).Should().Be("off");
        for (var i = 0; i < 8; i++)
        {
            var setting = await store.Session.ReadAsync(
                "show synchronous_commit",
                _ => { },
                async row => await row.ReadAsync(Cancellation) ? row.GetString(0) : string.Empty,
                Cancellation);
            setting.Should().Be("on", "the next statement on the connection may be an append");
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(0xd800)]
    public async Task Text_that_the_server_does_not_take_is_one_event_s_fault(int character)
    {
        await using var database = await TestDatabase.CreateAsync();
        await AppendAsync(database.Store, "note-1", "good");
        await AppendAsync(database.Store, "note-2", "bad");
        await AppendAsync(database.Store, "note-3", "good");
        var notes = new Notes(note => note == "bad" ? $"bad {(char)character}" : note);
        var consumers = new PostgreSqlConsumerStore(database.Store);
        var letters = new PostgreSqlDeadLetterStore(database.Store);
        IProjection projection = new PostgreSqlViewStore(database.Store, Serializer).Bind(notes);

        var stopping = new ProjectionRunner(database.Store, Serializer, [projection], Quick, consumers, letters);
        await FluentActions.Awaiting(() => stopping.CatchUpAsync(Cancellation)).Should().ThrowAsync<ConsumerFailedException>();
        await new ProjectionRunner(database.Store, Serializer, [projection], Quick with { OnPoison = PoisonAction.Park }, consumers, letters).CatchUpAsync(Cancellation);

        var letter = (await letters.ListAsync("notes", Cancellation)).Should().ContainSingle().Which;
        letter.Stream.Should().Be((StreamName)"note-2");
        letter.Error.Should().Contain("A view of 'notes' cannot be kept");
        (await database.ScalarAsync<long>("select count(*) from {schema}_notes.views")).Should().Be(2);
    }

    [Fact]
    public async Task An_error_of_any_text_is_kept()
    {
        await using var database = await TestDatabase.CreateAsync();
        await AppendAsync(database.Store, "note-1", "bad");
        var consumers = new PostgreSqlConsumerStore(database.Store);
        var notes = new Notes(_ => throw new InvalidOperationException("zero \0 and \ud800 lone"));
        var runner = new ProjectionRunner(
            database.Store, Serializer, [new PostgreSqlViewStore(database.Store, Serializer).Bind(notes)], Quick, consumers, new PostgreSqlDeadLetterStore(database.Store));

        await FluentActions.Awaiting(() => runner.CatchUpAsync(Cancellation)).Should().ThrowAsync<ConsumerFailedException>();

        (await consumers.ReadAsync("notes", Cancellation)).Rows.Should().ContainSingle().Which.Error.Should().Contain("zero  and \ufffd lone");
    }

    [Theory]
    [InlineData("zero \0")]
    [InlineData("\\\0")]
    [InlineData("\\\\u0000 \0")]
    public async Task A_view_with_a_character_that_no_document_takes_is_refused_before_the_server_quotes_it(string text)
    {
        await using var database = await TestDatabase.CreateAsync();
        await AppendAsync(database.Store, "note-1", text);

        (await FluentActions.Awaiting(() => RunAsync(database.Store, new Notes())).Should().ThrowAsync<ConsumerFailedException>())
            .Which.ToString().Should().Contain("U+0000").And.NotContain("zero");
    }

    [Theory]
    [InlineData("\\u0000")]
    [InlineData("\\\\u0000")]
    [InlineData("\u0001 u0000 \\")]
    public async Task What_only_looks_like_it_is_kept(string text)
    {
        await using var database = await TestDatabase.CreateAsync();
        await AppendAsync(database.Store, "note-1", text);

        await RunAsync(database.Store, new Notes());

        (await database.ScalarAsync<string>("select data->>'text' from {schema}_notes.views")).Should().Be(text);
    }

    [Fact]
    public async Task Who_finds_everything_in_place_needs_no_right_to_create()
    {
        await using var database = await TestDatabase.CreateAsync();
        await AppendAsync(database.Store, "note-1", "a");
        await RunAsync(database.Store, new Notes());
        var role = database.SchemaName + "_app";
        await database.ExecuteAsync(
            $$"""
            create role {{role}} login;
            grant usage on schema {schema}, {schema}_notes to {{role}};
            grant select, insert, update, delete on all tables in schema {schema}, {schema}_notes to {{role}};
            grant execute on all functions in schema {schema} to {{role}};
            """);
        try
        {
            var settings = new Npgsql.NpgsqlConnectionStringBuilder(database.ConnectionString) { Username = role, Password = null };
            await using var dataSource = Npgsql.NpgsqlDataSource.Create(settings.ConnectionString);
            await using var store = database.NewStore(_ => { }, dataSource: dataSource);
            await AppendAsync(store, "note-2", "b");

            await RunAsync(store, new Notes());

            (await database.ScalarAsync<long>("select count(*) from {schema}_notes.views")).Should().Be(2);
        }
        finally
        {
            await database.ExecuteAsync($"drop owned by {role}; drop role {role}");
        }
    }

    private static async Task AppendAsync(PostgreSqlEventStore store, string stream, string text) =>
        await store.AppendAsync(stream, ExpectedVersion.Any, [Serializer.Serialize(new Noted(text))], Cancellation);

    private static Task RunAsync(PostgreSqlEventStore store, Notes notes) => new ProjectionRunner(
        store, Serializer, [new PostgreSqlViewStore(store, Serializer).Bind(notes)], Quick, new PostgreSqlConsumerStore(store)).CatchUpAsync(Cancellation);

    [EventType("noted")]
    private sealed record Noted(string Text);

    private sealed record Note(string Text);

    private sealed class Notes : ViewProjection<Note>
    {
        public Notes(Func<string, string>? change = null)
            : base("notes") => On<Noted>((_, noted, _) => new Note(change?.Invoke(noted.Text) ?? noted.Text));
    }
}
