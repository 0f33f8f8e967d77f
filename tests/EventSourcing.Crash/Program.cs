using System.CommandLine;
using EventSourcing.Crash;

var kills = new Option<int>("--kills") { Description = "How many processes are killed; the other rounds go by it.", DefaultValueFactory = _ => 100 };
var seed = new Option<int>("--seed") { Description = "Of what is random: who, when, what. By default another each time, and printed.", DefaultValueFactory = _ => Random.Shared.Next() };
var only = new Option<string[]>("--only") { Description = $"Which rounds: {string.Join(", ", Proof.Rounds)}.", DefaultValueFactory = _ => Proof.Rounds, AllowMultipleArgumentsPerToken = true };
only.AcceptOnlyFromAmong(Proof.Rounds);

var root = new RootCommand("Kills, stops and starts processes that run projections, and compares what is left with a plain fold of the log.") { kills, seed, only };
root.SetAction(async (arguments, _) =>
{
    var chosen = arguments.GetValue(seed);
    Console.WriteLine($"seed {chosen}");
    try
    {
        await new Proof(Console.WriteLine, chosen).RunAsync(arguments.GetValue(only)!, arguments.GetValue(kills));
        Console.WriteLine("All is as it should be.");
        return 0;
    }
    catch (ProofFailedException failure)
    {
        Console.WriteLine($"FAILED with seed {chosen}: {failure.Message}");
        return 1;
    }
});

var what = new Argument<string[]>("what") { Arity = ArgumentArity.OneOrMore };
var child = new Command("child", "A process that is killed.") { what };
child.Hidden = true;
child.SetAction((arguments, _) => ChildProgram.RunAsync(ChildOptions.Parse(arguments.GetValue(what)!)));
root.Subcommands.Add(child);
return await root.Parse(args).InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = null });
