using System.CommandLine;
using BoxOffice;
using EventSourcing;
using Npgsql;
using Spectre.Console;

// In a file or a pipe: plain text, in lines as long as they are.
var console = AnsiConsole.Create(new AnsiConsoleSettings { Ansi = Console.IsOutputRedirected ? AnsiSupport.No : AnsiSupport.Detect });
if (Console.IsOutputRedirected)
{
    console.Profile.Width = 240;
}

var postgres = new Option<string?>("--postgres") { Description = "A connection string; without it everything stays in memory." };
var rabbitMq = new Option<Uri?>("--rabbitmq")
{
    Description = "A broker, amqp://user:password@host; without it messages are shown on the screen.",
    CustomParser = result =>
    {
        if (Uri.TryCreate(result.Tokens[0].Value, UriKind.Absolute, out var broker) && broker.Scheme is "amqp" or "amqps")
        {
            return broker;
        }

        result.AddError($"'{result.Tokens[0].Value}' is not the address of a broker, such as amqp://localhost.");
        return null;
    },
};

var root = new RootCommand("An evening at a box office: seats are held, paid for or let go by a process manager with a timeout.") { postgres, rabbitMq };
root.SetAction(async (arguments, cancellationToken) =>
{
    try
    {
        if (await BoxOfficeRun.ExecuteAsync(new BoxOfficeOptions(arguments.GetValue(postgres), arguments.GetValue(rabbitMq)), console, cancellationToken))
        {
            return 0;
        }

        await Console.Error.WriteLineAsync("box office: Not everything came to its end; the last table says who is behind, and why.");
        return 1;
    }
    catch (Exception failure) when (failure is EventStoreUnavailableException or AppendOutcomeUnknownException or ConsumerFailedException or NpgsqlException or ArgumentException)
    {
        await Console.Error.WriteLineAsync($"box office: {failure.Message}");
        return 1;
    }
});

var parsed = root.Parse(args);
if (parsed.Errors.Count > 0)
{
    foreach (var error in parsed.Errors)
    {
        await Console.Error.WriteLineAsync($"box office: {error.Message}");
    }

    return 2;
}

return await parsed.InvokeAsync();
