using BoxOffice.ReadModels;
using EventSourcing.TestInfrastructure;
using Npgsql;

namespace BoxOffice;

/// <summary>The program as a newcomer runs it.</summary>
public sealed class ProgramTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task It_shows_an_evening_and_ends_by_itself()
    {
        var (code, output) = await SampleProgram.RunAsync();

        code.Should().Be(0, output);
        output.Should().ContainAll("sold to Ada", "not paid in time", "the answer gets lost", "has asked Alan before", "the late payment was refunded", "it is taken");
        output.Split("booking-confirmed.v1").Should().HaveCount(1 + 3);
        foreach (var (guest, status) in new[] { ("Ada", "Confirmed"), ("Alan", "Confirmed"), ("Edsger", "Confirmed"), ("Grace", "Expired"), ("Barbara", "Refunded") })
        {
            output.Should().MatchRegex($@"{guest} +│ 30\.00 │ {status}");
        }
    }

    [Fact]
    public async Task Killed_in_the_middle_it_goes_on_when_it_is_run_again()
    {
        var database = await (await PostgreSqlServer.GetAsync(Cancellation)).CreateDatabaseAsync(Cancellation);
        using (var killed = SampleProgram.Start("--postgres", database))
        {
            while (await killed.StandardOutput.ReadLineAsync(Cancellation) is { } line && !line.Contains("asks Barbara", StringComparison.Ordinal))
            {
            }

            killed.Kill(entireProcessTree: true);
            await killed.WaitForExitAsync(Cancellation);
        }

        (await StatesAsync(database)).Should().Contain(nameof(BookingStatus.Held));
        var (code, output) = await SampleProgram.RunAsync("--postgres", database);

        // The second evening is a show of its own; nobody of the first one pays any more.
        code.Should().Be(0, output);
        (await StatesAsync(database)).Should().HaveCountGreaterThan(5).And.NotContain(nameof(BookingStatus.Held));
    }

    [Theory]
    [InlineData("--rabbitmq", "localhost")]
    [InlineData("--postgres", "no connection string")]
    public async Task Bad_arguments_are_named(params string[] arguments)
    {
        var (code, output) = await SampleProgram.RunAsync(arguments);

        code.Should().NotBe(0);
        output.Should().StartWith("box office: ").And.NotContain("   at ");
    }

    /// <summary>The read model, by plain SQL.</summary>
    private static async Task<IReadOnlyList<string>> StatesAsync(string database)
    {
        await using var source = NpgsqlDataSource.Create(database);
        await using var command = source.CreateCommand($"select data->>'status' from {BoxOfficeApplication.Schema}_bookings.views");
        await using var rows = await command.ExecuteReaderAsync(Cancellation);
        var states = new List<string>();
        while (await rows.ReadAsync(Cancellation))
        {
            states.Add(rows.GetString(0));
        }

        return states;
    }
}
