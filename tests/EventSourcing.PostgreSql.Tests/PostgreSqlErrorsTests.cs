using Npgsql;

namespace EventSourcing.PostgreSql;

public sealed class PostgreSqlErrorsTests
{
    [Theory]
    [InlineData("FATAL", true)]
    [InlineData("PANIC", true)]
    [InlineData("ERROR", false)]
    public void An_internal_error_that_ends_the_session_is_the_server_s_and_not_the_statement_s(string severity, bool isLost)
    {
        // As when somebody connects and the disk is full: "could not write init file".
        var failure = new PostgresException("could not write init file", severity, severity, PostgresErrorCodes.InternalError);

        PostgreSqlErrors.IsLost(failure).Should().Be(isLost);
        (PostgreSqlErrors.Translate(failure, new SchemaName("any")) is EventStoreUnavailableException).Should().Be(isLost);
    }

    [Fact]
    public async Task A_connection_that_the_driver_has_closed_while_it_was_handed_out_is_a_lost_one_and_a_disposed_store_is_not()
    {
        var source = NpgsqlDataSource.Create("Host=127.0.0.1;Port=1");
        await source.DisposeAsync();
        var disposed = await Record.ExceptionAsync(async () => await source.OpenConnectionAsync(TestContext.Current.CancellationToken));

        PostgreSqlErrors.IsLost(new ObjectDisposedException(typeof(ManualResetEventSlim).FullName)).Should().BeTrue();
        PostgreSqlErrors.IsLost(disposed.Should().BeOfType<ObjectDisposedException>().Which).Should().BeFalse();
        PostgreSqlErrors.IsLost(new ObjectDisposedException(typeof(PostgreSqlEventStore).FullName)).Should().BeFalse();
    }
}
