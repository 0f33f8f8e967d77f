using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using EventSourcing;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Retail.Import;
using Retail.Input;
using Retail.ReadModels;
using Retail.Reporting;
using Spectre.Console;

namespace Retail;

/// <summary>One run of the sample: import, project, report.</summary>
public static class RetailRun
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    };

    /// <summary>Does what the options ask for.</summary>
    /// <returns>The figures.</returns>
    /// <exception cref="InputException">The input cannot be used.</exception>
    public static async Task<RetailReport> ExecuteAsync(RetailOptions options, IAnsiConsole console, CancellationToken cancellationToken)
    {
        var watch = Stopwatch.StartNew();
        if (options.Report is { Directory.Exists: false } target)
        {
            throw new InputException($"The report cannot be written: there is no folder {target.DirectoryName}.");
        }

        IInvoiceSource source = options.Input is { } file ? new InvoiceFile(file.FullName) : new SampleShop();
        await using var provider = options.Postgres is { } connection
            ? await Shop.InPostgreSqlAsync(connection, options.Schema, cancellationToken)
            : Shop.InMemory();

        if (options.Import is { } log)
        {
            await MovedLog.ImportAsync(provider, log, console, cancellationToken);
        }
        else if (options.Export is null || options.Postgres is null || options.Input is not null)
        {
            // Else what is in the database already is exported.
            await ImportAsync(provider, source, options, console, cancellationToken);
        }

        if (options.Export is { } copy)
        {
            await MovedLog.ExportAsync(provider, copy, console, cancellationToken);
        }

        await provider.GetRequiredService<ProjectionRunner>().CatchUpAsync(cancellationToken);

        var models = options.AsOf is null && options.MaxPosition is null
            ? provider.GetRequiredService<IReadModels>()
            : await TimeTravel.FoldAsync(
                provider.GetRequiredService<IEventStore>(),
                provider.GetRequiredService<EventSerializer>(),
                options.AsOf,
                options.MaxPosition,
                cancellationToken);
        var report = await RetailReport.FromAsync(models, cancellationToken) with
        {
            AsOf = options.AsOf?.ToString("yyyy-MM-dd'T'HH:mm:ss", CultureInfo.InvariantCulture),
            MaxPosition = options.MaxPosition,
            Seconds = Math.Round(watch.Elapsed.TotalSeconds, 3),
            PeakMemoryBytes = Process.GetCurrentProcess().PeakWorkingSet64,
        };
        if (options.Report is { } path)
        {
            await File.WriteAllTextAsync(path.FullName, JsonSerializer.Serialize(report, Json), cancellationToken);
        }

        return report;
    }

    private static async Task ImportAsync(
        ServiceProvider provider, IInvoiceSource source, RetailOptions options, IAnsiConsole console, CancellationToken cancellationToken)
    {
        await using var alone = options.Postgres is not null
            ? await ImportLock.TakeAsync(provider.GetRequiredService<NpgsqlDataSource>(), cancellationToken)
            : null;
        var (entered, skipped) = await console
            .Progress()
            .Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new ElapsedTimeColumn())
            .StartAsync(async context =>
            {
                var bar = context.AddTask(Markup.Escape($"Importing {source.Name}"), maxValue: 1);
                return await provider.GetRequiredService<Importer>().ImportAsync(source, options.OneByOne, done => bar.Value = done, cancellationToken);
            });
        console.MarkupLineInterpolated(CultureInfo.InvariantCulture, $"Entered {entered:N0} rows; {skipped:N0} were there already.");
    }
}
