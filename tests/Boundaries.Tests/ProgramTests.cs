using System.Diagnostics;
using EventSourcing.TestInfrastructure;

namespace Boundaries;

/// <summary>The program as a newcomer runs it.</summary>
public sealed class ProgramTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task It_shows_all_six_and_can_be_run_again(bool isPostgreSql)
    {
        string[] arguments = isPostgreSql ? ["--postgres", await (await PostgreSqlServer.GetAsync(Cancellation)).CreateDatabaseAsync(Cancellation)] : [];
        for (var run = 0; run < 2; run++)
        {
            var (code, output) = await RunAsync(arguments);

            code.Should().Be(0, output);
            output.Should().ContainAll(
                "4 × StudentSubscribed · 12 × Course logic is full.",
                "10 × StudentSubscribed · 6 × Student ada takes 10 courses already.",
                "1 × UserNameClaimed · 15 × The name ada is taken.",
                "1 × OptInConfirmed · 15 × This token has been used.",
                "The price of tea has changed.",
                "1 × ApplicationSubmitted · 15 × nothing to do",
                string.Join(' ', Enumerable.Range(isPostgreSql ? 1 + (16 * run) : 1, 16)));
        }
    }

    [Theory]
    [InlineData("--mysql", "localhost")]
    [InlineData("--postgres", "no connection string")]
    public async Task Bad_arguments_are_named(params string[] arguments)
    {
        var (code, output) = await RunAsync(arguments);

        code.Should().NotBe(0);
        output.Should().StartWith("boundaries: ").And.NotContain("   at ");
    }

    private static async Task<(int Code, string Output)> RunAsync(params string[] arguments)
    {
        using var program = Process.Start(new ProcessStartInfo("dotnet", ["exec", typeof(BoundariesApplication).Assembly.Location, .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        var errors = program.StandardError.ReadToEndAsync(Cancellation);
        var output = await program.StandardOutput.ReadToEndAsync(Cancellation) + await errors;
        await program.WaitForExitAsync(Cancellation);
        return (program.ExitCode, output);
    }
}
