namespace EventSourcing.PostgreSql;

/// <summary>
/// The statements of the hot paths have one sensible plan, also on tables that are young and without statistics: what is
/// planned there stays with a connection while the tables grow.
/// </summary>
public sealed class QueryPlanTests(TestDatabase database) : IClassFixture<TestDatabase>
{
    /// <summary>Of a table that somebody has vacuumed while it was empty, which it need not stay, the planner thinks otherwise than of one that
    /// nobody has looked at.</summary>
    private static readonly string[] States = ["select 1", "vacuum analyze {schema}.archived_events"];

    public static TheoryData<bool, int> Streams => new(from isBackwards in new[] { false, true } from state in new[] { 0, 1 } select (isBackwards, state));

    [Theory]
    [MemberData(nameof(Streams))]
    public async Task A_stream_is_read_down_its_key_and_in_order_and_not_in_the_archive(bool isBackwards, int state)
    {
        await using var database = await TestDatabase.CreateAsync();
        await database.ExecuteAsync(States[state]);
        var sql = new Sql(new SchemaName(database.SchemaName));

        var plan = await database.PlanAsync(isBackwards ? sql.ReadStreamBackwards : sql.ReadStreamForwards, "smallint, text, bigint, bigint", "1, 'a-1', 1, 10");

        plan.Should().MatchRegex(@"(?s)^Limit.*\n  ->  Merge Append");
        plan.Should().MatchRegex(@"using events_pkey on events e[^\n]*\n\s+Index Cond: \(\(bucket = \$1\) AND \(stream_id = \$\d+\) AND \(version [<>]= \$3\)\)");
        plan.Should().MatchRegex(@"One-Time Filter: \(\$\d+ = 1\)");
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public async Task A_stream_is_replayed_down_its_key_and_in_order(int state)
    {
        await using var database = await TestDatabase.CreateAsync();
        await database.ExecuteAsync(States[state]);

        var plan = await database.PlanAsync(new Sql(new SchemaName(database.SchemaName)).Replay, "smallint, text, bigint", "1, 'a-1', 1");

        plan.Should().MatchRegex(@"(?s)^Merge Append").And.MatchRegex(@"using events_pkey on events e[^\n]*\n\s+Index Cond: \(\(bucket = \$1\) AND \(stream_id = \$\d+\) AND \(version > \$3\)\)");
    }

    [Theory]
    [InlineData(1)]
    [InlineData(16)]
    public async Task A_page_of_the_log_is_read_along_the_positions_and_no_further(int partitions)
    {
        await using var divided = await TestDatabase.CreateAsync(partitions);

        var plan = await divided.PlanAsync(new Sql(new SchemaName(divided.SchemaName)).ReadLog, "bigint, bigint, bigint", "0, 1000, 10");

        plan.Should().MatchRegex(@"Limit[^\n]*\n\s+->  Merge Append").And.NotContain("Sort  (").And.NotContain("Seq Scan").And.NotContain("Bitmap");
        plan.Split("Index Scan using").Should().HaveCount(1 + partitions + 1);
    }

    [Fact]
    public async Task A_query_looks_up_by_position_what_matches()
    {
        var plan = await database.PlanAsync(new Sql(new SchemaName(database.SchemaName)).Query, "bigint, text[], text[], boolean[]", "0, '{}', '{}', '{}'");

        plan.Should().Contain("Nested Loop Left Join").And.NotContain("Seq Scan");
    }

    [Fact]
    public async Task A_page_by_tag_is_read_along_the_tag_and_no_further()
    {
        var plan = await database.PlanAsync(
            new Sql(new SchemaName(database.SchemaName)).ReadLogTagged,
            "bigint, bigint, bigint, text[], text[], int, int, text[]",
            "0, 1000, 10, null, null, 0, 1024, '{shop:1}'");

        plan.Should().MatchRegex(@"Index Cond: \(\(tag = \(\$8\)\[1\]\) AND \(""position"" > \$1\) AND \(""position"" <= \$2\)\)")
            .And.MatchRegex(@"Index Cond: \(""position"" = t.""position""\)").And.NotContain("Seq Scan").And.NotContain("Hash");
    }

    [Fact]
    public async Task Looking_ahead_reads_the_end_of_the_positions_and_no_further()
    {
        var plan = await database.PlanAsync(new Sql(new SchemaName(database.SchemaName)).LookAhead, "bigint", "10");

        plan.Should().MatchRegex(@"Index Cond: \(\(""position"" > \$1\) AND \(""position"" <= \(\$1 \+ 1000\)\)\)").And.NotContain("Seq Scan");
    }
}
