using Npgsql;

namespace EventSourcing.TestInfrastructure.Tests;

public sealed class PostgreSqlServerTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_connection_string_that_is_given_is_used_as_it_is()
    {
        var server = await PostgreSqlServer.StartAsync("Host=elsewhere");

        server.ConnectionString.Should().Be("Host=elsewhere");
        server.Origin.Should().Contain(PostgreSqlServer.ConnectionStringVariable);
    }

    [Fact]
    public async Task Everyone_in_the_process_shares_one_server()
    {
        var first = await PostgreSqlServer.GetAsync(Cancellation);
        var second = await PostgreSqlServer.GetAsync(Cancellation);

        second.Should().BeSameAs(first);
    }

    [Theory]
    [InlineData("fsync", "on")]
    [InlineData("synchronous_commit", "on")]
    [InlineData("full_page_writes", "on")]
    [InlineData("server_encoding", "UTF8")]
    public async Task The_server_is_durable_and_speaks_utf8(string setting, string value)
    {
        var server = await PostgreSqlServer.GetAsync(Cancellation);

        (await ScalarAsync(server.ConnectionString, $"show {setting}")).Should().Be(value);
    }

    [Fact]
    public async Task The_server_allows_prepared_transactions()
    {
        var server = await PostgreSqlServer.GetAsync(Cancellation);

        (await ScalarAsync(server.ConnectionString, "select current_setting('max_prepared_transactions')::int > 0")).Should().Be(true);
    }

    [Fact]
    public async Task A_created_database_is_empty_and_its_own()
    {
        var server = await PostgreSqlServer.GetAsync(Cancellation);

        var first = await server.CreateDatabaseAsync(Cancellation);
        var second = await server.CreateDatabaseAsync(Cancellation);
        await ScalarAsync(first, $"create schema {PostgreSqlServer.NewSchemaName()}");

        first.Should().NotBe(second);
        (await ScalarAsync(second, "select count(*) from pg_namespace where nspname like 'test\\_%'")).Should().Be(0L);
    }

    private static async Task<object?> ScalarAsync(string connectionString, string sql)
    {
        await using var dataSource = NpgsqlDataSource.Create(connectionString);
        await using var command = dataSource.CreateCommand(sql);
        return await command.ExecuteScalarAsync(Cancellation);
    }
}
