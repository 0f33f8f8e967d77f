using System.CommandLine;
using EventSourcing.Benchmarks;

var writers = new Option<int>("--writers") { Description = "Concurrent callers.", DefaultValueFactory = _ => 64 };
var seconds = new Option<double>("--seconds") { Description = "How long each side runs, over all rounds.", DefaultValueFactory = _ => 10 };
var existing = new Option<bool>("--existing") { Description = "Append to existing streams at an exact version, instead of to new ones." };
foreach (var positive in new Option[] { writers, seconds })
{
    positive.Validators.Add(result =>
    {
        if (result.Tokens.Count == 1 && !(double.TryParse(result.Tokens[0].Value, out var value) && value > 0))
        {
            result.AddError($"{positive.Name} is a number above 0.");
        }
    });
}

var append = new Command("append", "One small event per append; floor: one prepared INSERT per append.") { writers, seconds, existing };
append.SetAction(async (arguments, cancellationToken) =>
{
    await using var database = await BenchmarkDatabase.CreateAsync(cancellationToken);
    var scenario = new AppendScenario(database, arguments.GetValue(writers), arguments.GetValue(existing));
    await Duel.RunAsync(scenario, TimeSpan.FromSeconds(arguments.GetValue(seconds)), cancellationToken);
});

var root = new RootCommand("Measures the PostgreSQL store beside hand-written Npgsql that does the same work. Prints JSON lines only.") { append };
return await root.Parse(args).InvokeAsync();
