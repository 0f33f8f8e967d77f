using System.CommandLine;
using Boundaries;
using Boundaries.Demo;
using EventSourcing;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Spectre.Console;

// In a file or a pipe: plain text, in lines as long as they are.
var console = AnsiConsole.Create(new AnsiConsoleSettings { Ansi = Console.IsOutputRedirected ? AnsiSupport.No : AnsiSupport.Detect });
if (Console.IsOutputRedirected)
{
    console.Profile.Width = 240;
}

var postgres = new Option<string?>("--postgres") { Description = "A connection string; without it everything stays in memory." };
var root = new RootCommand("Six rules that no single stream can keep, each with many who would break it at once.") { postgres };
root.SetAction(async (arguments, cancellationToken) =>
{
    try
    {
        await using var provider = await BoundariesApplication.StartAsync(arguments.GetValue(postgres), cancellationToken);
        var tour = new Tour(provider.GetRequiredService<IRepository>(), console, Guid.NewGuid().ToString("N")[..6], DateTimeOffset.UtcNow);
        await tour.ShowAsync(cancellationToken);
        return 0;
    }
    catch (Exception failure) when (failure is EventStoreUnavailableException or AppendOutcomeUnknownException or ConcurrencyConflictException or NpgsqlException or ArgumentException)
    {
        await Console.Error.WriteLineAsync($"boundaries: {failure.Message}");
        return 1;
    }
});

var parsed = root.Parse(args);
if (parsed.Errors.Count > 0)
{
    foreach (var error in parsed.Errors)
    {
        await Console.Error.WriteLineAsync($"boundaries: {error.Message}");
    }

    return 2;
}

return await parsed.InvokeAsync();
