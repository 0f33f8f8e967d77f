namespace EventSourcing.Crash;

/// <summary>Short rounds, one after the other; <c>./crash.sh</c> runs long ones.</summary>
public sealed class ProjectionCrashTests(ITestOutputHelper output)
{
    private const int Kills = 8;

    public static TheoryData<string> Rounds => [.. Proof.Rounds];

    [Theory]
    [MemberData(nameof(Rounds))]
    public async Task Read_models_equal_the_fold_of_the_log_whatever_becomes_of_processes(string round)
    {
        var seed = Random.Shared.Next();
        output.WriteLine($"seed {seed}");
        await new Proof(output.WriteLine, seed).RunAsync(round, Kills);
    }
}
