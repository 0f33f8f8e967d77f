namespace EventSourcing.PostgreSql;

/// <summary>
/// The statements of the hot paths have one sensible plan, also on tables that are young and without statistics: what is
/// planned there stays with a connection while the tables grow.
/// </summary>
public sealed class QueryPlanTests(TestDatabase database) : IClassFixture<TestDatabase>
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_stream_is_read_down_its_key_and_in_order(bool isBackwards)
    {
        var sql = new Sql(new SchemaName(database.SchemaName));

        var plan = await database.PlanAsync(isBackwards ? sql.ReadStreamBackwards : sql.ReadStreamForwards, "smallint, text, bigint, bigint", "1, 'a-1', 1, 10");

        plan.Should().MatchRegex(@"Index Cond: \(\(bucket = \$1\) AND \(stream_id = \$\d+\) AND \(version [<>]= \$3\)\)").And.NotContain("Sort");
    }

    [Fact]
    public async Task A_page_of_the_log_is_read_along_the_positions_and_no_further()
    {
        var plan = await database.PlanAsync(new Sql(new SchemaName(database.SchemaName)).ReadLog, "bigint, bigint, bigint", "0, 1000, 10");

        plan.Should().MatchRegex(@"Limit[^\n]*\n\s+->  Index Scan using events_position_idx on events");
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
