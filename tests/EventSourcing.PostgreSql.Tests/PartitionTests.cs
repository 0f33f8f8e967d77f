using EventSourcing.Conformance;

namespace EventSourcing.PostgreSql;

/// <summary>With the events in several tables everything is as with one.</summary>
public sealed class PartitionTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(1, 0)]
    [InlineData(3, 3)]
    [InlineData(1_024, 1_024)]
    public async Task Every_bucket_has_its_table(int partitions, long tables)
    {
        await using var database = await TestDatabase.CreateAsync(partitions);
        foreach (var i in Enumerable.Range(0, 200))
        {
            await database.Store.AppendAsync($"order-{i}", ExpectedVersion.NoStream, [Events.New()], Cancellation);
        }

        (await database.ScalarAsync<long>($"select count(*) from pg_inherits where inhparent = '{database.SchemaName}.events'::regclass")).Should().Be(tables);
        (await database.ScalarAsync<long>("select count(*) from {schema}.events where bucket = {schema}.stream_bucket(stream_name)")).Should().Be(200);
        if (partitions == 3)
        {
            (await database.ScalarAsync<long>("select count(distinct tableoid) from {schema}.events")).Should().Be(3);
            await database.ExecuteAsync(PostgreSqlSchema.Script(database.SchemaName, partitions));
        }
    }

    [Fact]
    public async Task A_stream_is_read_from_one_table_and_a_page_of_the_log_in_order_from_all()
    {
        await using var database = await TestDatabase.CreateAsync(8);
        var sql = new Sql(new SchemaName(database.SchemaName));

        var stream = await database.PlanAsync(sql.Replay, "smallint, text, bigint", "1, 'a-1', 0");
        var page = await database.PlanAsync(sql.ReadLog, "bigint, bigint, bigint", "0, 1000, 10");

        stream.Should().Contain("Subplans Removed: 7").And.NotContain("Sort  (");
        page.Should().Contain("Merge Append").And.MatchRegex("Index Scan using events_\\d+_position_idx").And.NotContain("Seq Scan");
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1_025)]
    public void A_number_of_tables_that_cannot_be_is_refused(int partitions)
    {
        FluentActions.Invoking(() => PostgreSqlSchema.Script("shop", partitions)).Should().Throw<ArgumentException>();
    }
}

public sealed class PartitionedAppendConformanceTests : AppendSuite
{
    private readonly ConformanceDatabase database = new();

    protected override Task<(IEventStore Store, ICheckpointStore Checkpoints)> CreateAsync() => database.CreateAsync(MaxEventBytes, partitions: 4);

    protected override ValueTask ReleaseAsync() => database.DisposeAsync();
}

public sealed class PartitionedReadLogConformanceTests : ReadLogSuite
{
    private readonly ConformanceDatabase database = new();

    protected override Task<(IEventStore Store, ICheckpointStore Checkpoints)> CreateAsync() => database.CreateAsync(MaxEventBytes, partitions: 4);

    protected override ValueTask ReleaseAsync() => database.DisposeAsync();
}

public sealed class PartitionedConcurrencyConformanceTests : ConcurrencySuite
{
    private readonly ConformanceDatabase database = new();

    protected override Task<(IEventStore Store, ICheckpointStore Checkpoints)> CreateAsync() => database.CreateAsync(MaxEventBytes, partitions: 4);

    protected override ValueTask ReleaseAsync() => database.DisposeAsync();
}

public sealed class PartitionedQueryConformanceTests : QuerySuite
{
    private readonly ConformanceDatabase database = new();

    protected override Task<(IEventStore Store, ICheckpointStore Checkpoints)> CreateAsync() => database.CreateAsync(MaxEventBytes, partitions: 4);

    protected override ValueTask ReleaseAsync() => database.DisposeAsync();
}

public sealed class PartitionedBoundaryRaceConformanceTests : BoundaryRaceSuite
{
    private readonly ConformanceDatabase database = new();

    protected override Task<(IEventStore Store, ICheckpointStore Checkpoints)> CreateAsync() => database.CreateAsync(MaxEventBytes, partitions: 4);

    protected override ValueTask ReleaseAsync() => database.DisposeAsync();
}
