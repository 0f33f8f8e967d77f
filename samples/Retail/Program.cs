using System.CommandLine;
using System.Globalization;
using EventSourcing;
using Npgsql;
using Retail;
using Retail.Input;
using Retail.Reporting;
using Spectre.Console;

// In a file or a pipe: plain text.
var console = AnsiConsole.Create(new AnsiConsoleSettings { Ansi = Console.IsOutputRedirected ? AnsiSupport.No : AnsiSupport.Detect });

var input = new Option<FileInfo?>("--input") { Description = "Invoice lines as CSV, plain or gzip; without it the sample makes up a small shop." };
var postgres = new Option<string?>("--postgres") { Description = "A connection string; without it everything stays in memory." };
var report = new Option<FileInfo?>("--report") { Description = "Where to write the figures as JSON." };
var asOf = new Option<DateTime?>("--as-of")
{
    Description = "Figures of invoices from before this local time: 2011-06-01 or 2011-06-01T12:30[:00].",
    CustomParser = result =>
    {
        string[] formats = ["yyyy-MM-dd", "yyyy-MM-dd'T'HH:mm", "yyyy-MM-dd'T'HH:mm:ss", "yyyy-MM-dd HH:mm", "yyyy-MM-dd HH:mm:ss"];
        if (DateTime.TryParseExact(result.Tokens[0].Value, formats, CultureInfo.InvariantCulture, DateTimeStyles.None, out var time))
        {
            return time;
        }

        result.AddError($"'{result.Tokens[0].Value}' is not a time such as 2011-06-01 or 2011-06-01T12:30:00 (without a zone).");
        return null;
    },
};
var maxPosition = new Option<long?>("--max-position") { Description = "Figures of the log up to this position, which counts from 1." };
maxPosition.Validators.Add(result =>
{
    if (result.Tokens.Count == 1 && long.TryParse(result.Tokens[0].Value, out var position) && position < 1)
    {
        result.AddError("--max-position counts from 1.");
    }
});

var oneByOne = new Option<bool>("--one-by-one") { Description = "In PostgreSQL, enter each invoice by a command of its own instead of importing many at a time." };

var schema = new Option<string>("--schema") { Description = "The schema in PostgreSQL.", DefaultValueFactory = _ => Shop.Schema };

var root = new RootCommand("A shop's ledger, event-sourced: imports invoice lines, keeps read models, reports.")
{
    input, postgres, schema, report, asOf, maxPosition, oneByOne,
};
root.SetAction((arguments, cancellationToken) => RunAsync(
    OptionsOf(arguments) with { AsOf = arguments.GetValue(asOf), MaxPosition = arguments.GetValue(maxPosition), OneByOne = arguments.GetValue(oneByOne) }, cancellationToken));

var target = new Argument<FileInfo>("file") { Description = "Where to; one that was broken off is gone on with." };
var export = new Command("export", "Writes the whole log as newline-delimited JSON: of the input, or of the database where no input is given.") { target, input, postgres, schema, report };
export.SetAction((arguments, cancellationToken) => RunAsync(OptionsOf(arguments) with { Export = arguments.GetValue(target) }, cancellationToken));
root.Subcommands.Add(export);

var written = new Argument<FileInfo>("file") { Description = "What export has written." };
var import = new Command("import", "Stores a written log anew, in memory or in an empty schema, and reports.") { written, postgres, schema, report };
import.SetAction((arguments, cancellationToken) => RunAsync(OptionsOf(arguments) with { Import = arguments.GetValue(written) }, cancellationToken));
root.Subcommands.Add(import);

var parsed = root.Parse(args);
if (parsed.Errors.Count > 0)
{
    foreach (var error in parsed.Errors)
    {
        await Console.Error.WriteLineAsync($"retail: {error.Message}");
    }

    return 2;
}

return await parsed.InvokeAsync();

RetailOptions OptionsOf(ParseResult arguments) => new(arguments.GetValue(input), arguments.GetValue(postgres), arguments.GetValue(report), null, null)
{
    Schema = arguments.GetValue(schema)!,
};

async Task<int> RunAsync(RetailOptions options, CancellationToken cancellationToken)
{
    try
    {
        Summary.Write(console, await RetailRun.ExecuteAsync(options, console, cancellationToken));
        return 0;
    }
    catch (Exception failure) when (failure is InputException or EventStoreUnavailableException or AppendOutcomeUnknownException or ConcurrencyConflictException or ConsumerFailedException or IOException or InvalidDataException or InvalidOperationException or UnauthorizedAccessException or NpgsqlException or ArgumentException)
    {
        await Console.Error.WriteLineAsync($"retail: {failure.Message}");
        return 1;
    }
}
