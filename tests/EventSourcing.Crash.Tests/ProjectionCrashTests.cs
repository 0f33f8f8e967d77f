namespace EventSourcing.Crash;

/// <summary>Short rounds, one after the other; <c>./crash.sh</c> runs long ones.</summary>
public sealed class ProjectionCrashTests(ITestOutputHelper output)
{
    private const int Kills = 8;

    [Theory]
    [InlineData("kills")]
    [InlineData("stops")]
    [InlineData("late")]
    [InlineData("inside")]
    [InlineData("takeover")]
    [InlineData("spread")]
    [InlineData("rebuild")]
    [InlineData("server")]
    public async Task Read_models_equal_the_fold_of_the_log_whatever_becomes_of_processes(string round)
    {
        var seed = Random.Shared.Next();
        output.WriteLine($"seed {seed}");
        await new Proof(output.WriteLine, seed).RunAsync(round, Kills);
    }

    [Fact]
    public void Every_round_is_run() => Proof.Rounds.Should().HaveCount(8);
}
