namespace EventSourcing.Torture;

/// <summary>A short run of each scenario; <c>./torture.sh</c> runs long ones.</summary>
public sealed class ScenarioTests(ITestOutputHelper output)
{
    private static readonly TimeSpan Short = TimeSpan.FromSeconds(6);

    public static TheoryData<string> Names => [.. ScenarioList.All.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Nothing_is_lost_whatever_breaks(string scenario)
    {
        var run = new TortureRun(scenario, Random.Shared.Next(), Short, output.WriteLine);
        if (!await run.RunAsync(ScenarioList.All[scenario].RunAsync))
        {
            Assert.Fail($"{run.Repeat}\n{string.Join('\n', run.Violations)}");
        }
    }
}
