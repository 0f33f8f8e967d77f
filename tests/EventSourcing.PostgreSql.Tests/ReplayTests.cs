using System.Text;
using Npgsql;

namespace EventSourcing.PostgreSql;

/// <summary>A replay goes on where it was when its connection is lost.</summary>
public sealed class ReplayTests(TestDatabase database) : IClassFixture<TestDatabase>
{
    [Fact]
    public async Task A_lost_connection_repeats_and_skips_nothing()
    {
        const int Count = 2_000;
        var cancellation = TestContext.Current.CancellationToken;
        var padding = new string('x', 10_000);
        for (var i = 0; i < Count; i += 500)
        {
            var chunk = Enumerable.Range(i + 1, 500).Select(n => new EventData(Guid.CreateVersion7(), "counted", Encoding.UTF8.GetBytes($$"""{"n":{{n}},"x":"{{padding}}"}""")));
            await database.Store.AppendAsync("count-1", ExpectedVersion.At(i), [.. chunk], cancellation);
        }

        var settings = new NpgsqlConnectionStringBuilder(database.ConnectionString) { ApplicationName = "replay" };
        await using var dataSource = NpgsqlDataSource.Create(settings.ConnectionString);
        await using var store = new PostgreSqlEventStore(dataSource, new PostgreSqlOptions { Schema = database.SchemaName });
        var seen = new List<long>();
        var killed = 0L;
        await store.ReplayAsync(
            "count-1",
            StreamVersion.None,
            replayed =>
            {
                seen.Add(replayed.Version.Value);
                replayed.Data.StartsWith(Encoding.UTF8.GetBytes($$"""{"n":{{seen.Count}},""")).Should().BeTrue();
                if (seen.Count is 10 or 1_500)
                {
                    using var kill = database.DataSource.CreateCommand("select count(pg_terminate_backend(pid, 5000)) from pg_stat_activity where application_name = 'replay'");
                    killed += (long)kill.ExecuteScalar()!;
                }
            },
            cancellation);

        killed.Should().Be(2);
        seen.Should().Equal(Enumerable.Range(1, Count).Select(n => (long)n));
    }
}
