using System.Globalization;
using EventSourcing;
using Microsoft.Extensions.DependencyInjection;
using Spectre.Console;

namespace Retail.Import;

/// <summary>The whole log into a file, and out of it into an empty store elsewhere.</summary>
internal static class MovedLog
{
    /// <summary>Writes the log; goes on with a file that was broken off.</summary>
    public static async Task ExportAsync(IServiceProvider provider, FileInfo target, IAnsiConsole console, CancellationToken cancellationToken)
    {
        await using var file = new FileStream(target.FullName, FileMode.OpenOrCreate);
        var written = await LogFile.ExportAsync(provider.GetRequiredService<IEventStore>(), file, cancellationToken: cancellationToken);
        console.MarkupLineInterpolated(CultureInfo.InvariantCulture, $"Wrote {written.Written:N0} events to {target.Name}, up to position {written.Position}.");
    }

    /// <summary>Stores a written log anew; goes on with an import that was broken off.</summary>
    public static async Task ImportAsync(IServiceProvider provider, FileInfo source, IAnsiConsole console, CancellationToken cancellationToken)
    {
        await using var file = source.OpenRead();
        var stored = await LogFile.ImportAsync(file, provider.GetRequiredService<ILogRestore>(), cancellationToken: cancellationToken);
        console.MarkupLineInterpolated(CultureInfo.InvariantCulture, $"Stored {stored.Stored:N0} events of {source.Name}, up to position {stored.Position}.");
    }
}
