namespace EventSourcing.PostgreSql;

/// <summary>Views in columns that the projection maps, and where read models are found.</summary>
public sealed class ViewColumnTests
{
    private static readonly EventSerializer Serializer = new(new EventTypeRegistry().Add<Measured>());

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_type_of_column_comes_back_as_it_was()
    {
        await using var database = await TestDatabase.CreateAsync();
        var measures = new Measures();
        var store = new PostgreSqlViewStore(database.Store, Serializer);
        var time = new DateTimeOffset(2026, 2, 28, 23, 59, 59, TimeSpan.Zero);
        var full = new Measured("Ä", true, -7, 1.5, 12.340m, Guid.NewGuid(), new DateOnly(2026, 1, 31), time.ToOffset(TimeSpan.FromHours(2)), [1, 2, 0], 9);
        var sparse = new Measured(string.Empty, false, long.MinValue, double.NaN, -0.01m, Guid.Empty, DateOnly.MinValue, time, [], null);
        await AppendAsync(database, "measure-1", full);
        await AppendAsync(database, "measure-2", sparse);

        await RunAsync(database, store.Bind(measures));
        await AppendAsync(database, "measure-2", sparse with { Long = 5 });
        await RunAsync(database, store.Bind(measures));

        var table = store.Open(measures);
        (await table.FindAsync("measure-1", Cancellation)).Should().BeEquivalentTo(new Row("measure-1", full, 1));
        (await table.FindAsync("measure-2", Cancellation)).Should().BeEquivalentTo(new Row("measure-2", sparse with { Long = 5 }, 2));
        (await database.ScalarAsync<decimal>("select sum(decimal_value) from {schema}_measures.views")).Should().Be(12.330m);
    }

    [Fact]
    public async Task Mistakes_in_a_mapping_are_told_at_once()
    {
        await using var database = await TestDatabase.CreateAsync();
        IViewStore store = new PostgreSqlViewStore(database.Store, Serializer);

        FluentActions.Invoking(() => store.Bind(new Wrong(columns => columns.Column("a", row => row.Count)))).Should().Throw<ArgumentException>().WithMessage("*From*");
        FluentActions.Invoking(() => store.Bind(new Wrong(columns => columns.From(_ => null!)))).Should().Throw<ArgumentException>().WithMessage("*no column*");
        FluentActions.Invoking(() => store.Bind(new Wrong(columns => columns.Column("key", row => row.Count)))).Should().Throw<ArgumentException>();
        FluentActions.Invoking(() => store.Bind(new Wrong(columns => columns.Column("a\"; drop table x; --", row => row.Count)))).Should().Throw<ArgumentException>();
        FluentActions.Invoking(() => store.Bind(new Wrong(columns => columns.Column("a", row => row.Count).Column("a", row => row.Count)))).Should().Throw<ArgumentException>();
        FluentActions.Invoking(() => store.Bind(new Wrong(columns => columns.Column("a", row => row.Value)))).Should().Throw<ArgumentException>().WithMessage("*no column type*");
    }

    [Theory]
    [InlineData("with space")]
    [InlineData("Upper")]
    [InlineData("a\"b")]
    [InlineData("a.b")]
    [InlineData("orders__2")]
    [InlineData("orders-_old-1")]
    [InlineData("a_name_that_is_much_too_long_for_an_identifier_of_the_server")]
    public async Task A_projection_that_cannot_name_a_schema_is_refused(string name)
    {
        await using var database = await TestDatabase.CreateAsync();
        IViewStore store = new PostgreSqlViewStore(database.Store, Serializer);

        FluentActions.Invoking(() => store.Bind(new Named(name))).Should().Throw<ArgumentException>().WithMessage("*schema*");
        FluentActions.Invoking(() => new CountProjection(database.Store, name)).Should().Throw<ArgumentException>().WithMessage("*schema*");
    }

    private static async Task AppendAsync(TestDatabase database, string stream, Measured measured) =>
        await database.Store.AppendAsync(stream, ExpectedVersion.Any, [Serializer.Serialize(measured)], Cancellation);

    private static Task RunAsync(TestDatabase database, IProjection projection) =>
        new ProjectionRunner(database.Store, Serializer, [projection], consumers: new PostgreSqlConsumerStore(database.Store)).CatchUpAsync(Cancellation);

    [EventType("measured")]
    private sealed record Measured(
        string Text, bool Flag, long Long, [property: System.Text.Json.Serialization.JsonNumberHandling(System.Text.Json.Serialization.JsonNumberHandling.AllowNamedFloatingPointLiterals)] double Double,
        decimal Decimal, Guid Id, DateOnly Day, DateTimeOffset Time, byte[] Bytes, int? Perhaps);

    private sealed record Row(string Key, Measured Value, int Count);

    private sealed class Measures : ViewProjection<Row>, IViewColumns<Row>
    {
        public Measures()
            : base("measures") => On<Measured>((row, measured, context) => new Row(context.Key, measured, (row?.Count ?? 0) + 1));

        public void Map(ViewColumns<Row> columns) => columns
            .Column("text_value", row => row.Value.Text)
            .Column("flag", row => row.Value.Flag)
            .Column("long_value", row => row.Value.Long)
            .Column("double_value", row => row.Value.Double)
            .Column("decimal_value", row => row.Value.Decimal)
            .Column("id", row => row.Value.Id)
            .Column("day", row => row.Value.Day)
            .Column("time", row => row.Value.Time)
            .Column("bytes", row => row.Value.Bytes)
            .Column("perhaps", row => row.Value.Perhaps)
            .Column("count", row => row.Count)
            .From(row => new Row(
                row.Key,
                new Measured(
                    row.Get<string>("text_value"), row.Get<bool>("flag"), row.Get<long>("long_value"), row.Get<double>("double_value"), row.Get<decimal>("decimal_value"),
                    row.Get<Guid>("id"), row.Get<DateOnly>("day"), row.Get<DateTimeOffset>("time"), row.Get<byte[]>("bytes"), row.Get<int?>("perhaps")),
                row.Get<int>("count")));
    }

    private sealed class Wrong(Action<ViewColumns<Row>> map) : ViewProjection<Row>("wrong"), IViewColumns<Row>
    {
        public void Map(ViewColumns<Row> columns) => map(columns);
    }

    private sealed class Named : ViewProjection<Row>
    {
        public Named(string name)
            : base(name) => On<Measured>((row, _, _) => row);
    }
}
