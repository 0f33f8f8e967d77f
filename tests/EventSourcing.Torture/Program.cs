using System.CommandLine;
using System.Text.Json;
using EventSourcing.Torture;

var seconds = new Option<double>("--seconds") { Description = "For how long to torment, set-up and checks not counted.", DefaultValueFactory = _ => 30 };
var seed = new Option<int>("--seed") { Description = "Of all that is random. By default another each time; every line that tells of a failure names it.", DefaultValueFactory = _ => Random.Shared.Next() };

var root = new RootCommand("Breaks what a store depends on while it works, and compares what is left with what its callers were told. Standard output carries JSON lines; the last one tells the result.");
foreach (var (name, scenario) in ScenarioList.All)
{
    var command = new Command(name, scenario.Description) { seconds, seed };
    command.SetAction(async (arguments, _) =>
    {
        var run = new TortureRun(name, arguments.GetValue(seed), TimeSpan.FromSeconds(arguments.GetValue(seconds)), Console.WriteLine);
        return await run.RunAsync(scenario.RunAsync) ? 0 : 1;
    });
    root.Subcommands.Add(command);
}

var what = new Argument<string>("what");
var child = new Command("child", "A process that is killed.") { what };
child.Hidden = true;
child.SetAction((arguments, _) => ChildProgram.RunAsync(JsonSerializer.Deserialize<ChildOptions>(arguments.GetValue(what)!)!));
root.Subcommands.Add(child);
return await root.Parse(args).InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = null });
