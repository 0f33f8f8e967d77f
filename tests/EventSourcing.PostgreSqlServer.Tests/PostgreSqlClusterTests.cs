using Npgsql;

namespace EventSourcing.TestInfrastructure.Tests;

public sealed class PostgreSqlClusterTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Committed_rows_survive_a_stop_and_a_crash(bool immediate)
    {
        await using var cluster = await PostgreSqlServer.StartDedicatedAsync(Cancellation);
        var connectionString = cluster.ConnectionString;
        await using var dataSource = NpgsqlDataSource.Create(connectionString);
        await ExecuteAsync(dataSource, "create table survivors as select 7 as id");

        await cluster.StopAsync(immediate, Cancellation);
        var whileStopped = async () => await ExecuteAsync(dataSource, "select 1");
        await whileStopped.Should().ThrowAsync<NpgsqlException>();

        await cluster.StartAsync(Cancellation);
        cluster.ConnectionString.Should().Be(connectionString);
        (await ExecuteAsync(dataSource, "select id from survivors")).Should().Be(7);
    }

    [Fact]
    public async Task Disposing_deletes_the_data()
    {
        string data;
        await using (var cluster = await PostgreSqlServer.StartDedicatedAsync(Cancellation))
        {
            await using var dataSource = NpgsqlDataSource.Create(cluster.ConnectionString);
            data = (string)(await ExecuteAsync(dataSource, "show data_directory"))!;
            Directory.Exists(data).Should().BeTrue();
        }

        Directory.Exists(data).Should().BeFalse();
    }

    private static async Task<object?> ExecuteAsync(NpgsqlDataSource dataSource, string sql)
    {
        await using var command = dataSource.CreateCommand(sql);
        return await command.ExecuteScalarAsync(Cancellation);
    }
}
