using System.CommandLine;
using EventSourcing;
using EventSourcing.Benchmarks;

var seconds = Positive(new Option<double>("--seconds") { Description = "How long each side runs, over all rounds.", DefaultValueFactory = _ => 10 });
var writers = Positive(new Option<int>("--writers") { Description = "Concurrent callers.", DefaultValueFactory = _ => 64 });
var existing = new Option<bool>("--existing") { Description = "Append to existing streams at an exact version, instead of to new ones." };
var length = Positive(new Option<int>("--events") { Description = "Events in each stream.", DefaultValueFactory = _ => 100 });
var warm = new Option<bool>("--warm") { Description = "With the repository's cache of recently used streams." };

var optimistic = new Option<bool>("--optimistic") { Description = "Decide on what the cache holds, without asking the store first." };
var cold = new Option<bool>("--cold") { Description = "Without a cache: each command reads its whole stream." };

var root = new RootCommand("Measures the PostgreSQL store beside hand-written Npgsql that does the same work. Prints JSON lines only.");
Add("append", "One small event per append; floor: one prepared INSERT per append.", [writers, seconds, existing],
    (database, options) => new AppendScenario(database, options.GetValue(writers), options.GetValue(existing)));
Add("load", "Fold a stream; floor: a prepared SELECT, deserialized and folded by hand.", [length, warm, seconds],
    (database, options) => new LoadScenario(database, options.GetValue(length), options.GetValue(warm)));
Add("command", "Load, decide, append on streams of 10 to 100 events; floor: SELECT, fold and INSERT by hand.", [writers, seconds, optimistic, cold],
    (database, options) => new CommandScenario(
        database, options.GetValue(writers), options.GetValue(optimistic), options.GetValue(cold), TimeSpan.FromSeconds(options.GetValue(seconds))));
Add("dcb", "Append under a condition, to a log of a million events; floor: the same rows by an INSERT without one.", [writers, seconds],
    (database, options) => new BoundaryScenario(database, options.GetValue(writers)));
var loading = new Option<bool>("--loading") { Description = "Load streams, instead of appending to new ones." };
Add("tenant", "Append or load through a tenant's part of a shared log; floor: the same on the same store without tenants.", [writers, loading, seconds],
    (database, options) => new TenantScenario(database, options.GetValue(writers), options.GetValue(loading)));
var log = Positive(new Option<int>("--events") { Description = "Events in the log.", DefaultValueFactory = _ => 200_000 });
Add("readall", "Read the whole log, typed; floor: one SELECT of the same columns, deserialized.", [log, seconds],
    (database, options) => new ReadAllScenario(database, options.GetValue(log)));
Add("bulk", "Import events; floor: one binary COPY into a table of the same columns and indexes.", [log, seconds],
    (database, options) => new BulkScenario(database, options.GetValue(log)));
var messageDb = new Option<bool>("--message-db") { Description = "From Message DB's table, instead of Marten's." };
Add("migrate", "Import another system's tables; floor: one SELECT of them, read and dropped.", [log, messageDb, seconds],
    (database, options) => new MigrateScenario(database, options.GetValue(log), options.GetValue(messageDb)));

var streams = Positive(new Option<int>("--streams") { Description = "Streams, and so documents; no more than events.", DefaultValueFactory = _ => 2_000 });
var clustered = new Option<bool>("--clustered") { Description = "Each stream's events in a row, instead of all streams in turns." };
var shards = Positive(new Option<int>("--shards") { Description = "Into how many shards the projection is divided.", DefaultValueFactory = _ => 1 });
var page = Positive(new Option<int>("--page") { Description = "Events in a page, of both sides; the default is that of ConsumerOptions.", DefaultValueFactory = _ => new ConsumerOptions().PageSize });
var project = new Command("project", "Build a read model, one document for each stream; floor: SELECT, fold and upsert by hand, page by page.")
{
    log, streams, clustered, shards, page, seconds,
};
project.SetAction(async (arguments, cancellationToken) =>
{
    var settings = new ProjectSettings(
        arguments.GetValue(log), arguments.GetValue(streams), arguments.GetValue(clustered), arguments.GetValue(shards), arguments.GetValue(page));
    if (settings.Streams > settings.Events)
    {
        await Console.Error.WriteLineAsync("--streams is no more than --events.");
        return 1;
    }

    await using var database = await BenchmarkDatabase.CreateAsync(cancellationToken);
    await new ProjectBenchmark(database, settings, TimeSpan.FromSeconds(arguments.GetValue(seconds))).RunAsync(cancellationToken);
    return 0;
});
root.Subcommands.Add(project);

var tagged = new Option<bool>("--tagged") { Description = "With a tag on each event." };
var exported = new Option<FileInfo?>("--file") { Description = "A log that was exported, instead of one that is made up." };
var restore = new Command("restore", "Store a whole log anew, from memory and from a file, and write that file; floor: one binary COPY of the same rows.") { log, streams, tagged, exported };
restore.SetAction(async (arguments, cancellationToken) =>
{
    await using var database = await BenchmarkDatabase.CreateAsync(cancellationToken);
    var settings = new RestoreSettings(arguments.GetValue(log), arguments.GetValue(streams), arguments.GetValue(tagged), arguments.GetValue(exported));
    await new RestoreBenchmark(database, settings).RunAsync(cancellationToken);
});
root.Subcommands.Add(restore);

var to = Positive(new Option<long>("--to") { Description = "How many events the log grows to.", DefaultValueFactory = _ => 1_000_000 });
var grow = new Command("grow", "Append and load in a growing log; floor: the same in a log of 100,000 events.") { to, seconds };
grow.SetAction((arguments, cancellationToken) =>
    Grow.RunAsync(arguments.GetValue(to), TimeSpan.FromSeconds(arguments.GetValue(seconds)), cancellationToken));
root.Subcommands.Add(grow);

var projected = new Option<bool>("--projection") { Description = "Until a read model shows it, instead of until a subscription has it; one event about every 20 ms, without a floor." };
var latency = new Command("latency", "From an append's return to its delivery, in this process and in another; floor: NOTIFY and LISTEN by hand.") { seconds, projected };
latency.SetAction(async (arguments, cancellationToken) =>
{
    await using var database = await BenchmarkDatabase.CreateAsync(cancellationToken);
    var time = TimeSpan.FromSeconds(arguments.GetValue(seconds));
    await (arguments.GetValue(projected)
        ? new ProjectionLatencyBenchmark(database, time).RunAsync(cancellationToken)
        : new LatencyBenchmark(database, time).RunAsync(cancellationToken));
});
root.Subcommands.Add(latency);

var child = new Command("latency-child", "The other process of latency.") { Hidden = true };
child.SetAction((_, cancellationToken) => ChildProgram.RunAsync(cancellationToken));
root.Subcommands.Add(child);

var micro = new Command("micro", "Micro benchmarks of the parts that need no database.");
micro.SetAction(_ => MicroBenchmarks.Run());
root.Subcommands.Add(micro);

var table = new Option<FileInfo>("--table") { Description = "Where to write the table.", DefaultValueFactory = _ => new FileInfo("artifacts/benchmarks.md") };
var all = new Command("all", "A short round of everything, in less than five minutes, and a table of it in Markdown.") { table };
all.SetAction((arguments, cancellationToken) => AllScenarios.RunAsync(root, arguments.GetValue(table)!, cancellationToken));
root.Subcommands.Add(all);
return await root.Parse(args).InvokeAsync();

void Add(string name, string description, Option[] options, Func<BenchmarkDatabase, ParseResult, IScenario> create)
{
    var command = new Command(name, description);
    Array.ForEach(options, command.Options.Add);
    command.SetAction(async (arguments, cancellationToken) =>
    {
        await using var database = await BenchmarkDatabase.CreateAsync(cancellationToken);
        await Duel.RunAsync(create(database, arguments), TimeSpan.FromSeconds(arguments.GetValue(seconds)), cancellationToken);
    });
    root.Subcommands.Add(command);
}

static Option<T> Positive<T>(Option<T> option)
{
    option.Validators.Add(result =>
    {
        if (result.Tokens.Count == 1 && !(double.TryParse(result.Tokens[0].Value, out var value) && value > 0))
        {
            result.AddError($"{option.Name} is a number above 0.");
        }
    });
    return option;
}
