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
}
