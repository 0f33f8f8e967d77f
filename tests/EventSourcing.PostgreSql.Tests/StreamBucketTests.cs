using Npgsql;

namespace EventSourcing.PostgreSql;

public sealed class StreamBucketTests(TestDatabase database) : IClassFixture<TestDatabase>
{
    /// <summary>Stored in every row: these numbers never change.</summary>
    public static TheoryData<string, short> Vectors => new()
    {
        { "customer-17850", 683 },
        { "a", 441 },
        { "größe-ü", 974 },
        { "emoji-🎉", 91 },
        { "with 'quotes' and \\ and %", 440 },
    };

    [Theory]
    [MemberData(nameof(Vectors))]
    public async Task A_name_has_the_same_bucket_for_ever_here_and_in_sql(string name, short bucket)
    {
        await using var command = database.DataSource.CreateCommand($"select {database.SchemaName}.stream_bucket($1)");
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = name });

        var inSql = (short)(await command.ExecuteScalarAsync(TestContext.Current.CancellationToken))!;

        inSql.Should().Be(bucket);
        StreamBucket.Of(name).Should().Be(bucket);
    }

    [Fact]
    public void Names_spread_evenly_over_all_buckets()
    {
        var counts = Enumerable.Range(0, 102_400).CountBy(i => StreamBucket.Of(StreamName.For("order", i))).ToList();

        counts.Should().HaveCount(StreamBucket.Count);
        counts.Should().OnlyContain(count => count.Value > 40 && count.Value < 180);
    }
}
