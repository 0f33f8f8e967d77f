using System.Globalization;
using Microsoft.Extensions.Hosting;
using Spectre.Console;

namespace BoxOffice.Demo;

/// <summary>
/// Shows what happens, in the order in which it happened. Seats, process, provider and publisher work side by side and tell of it
/// at slightly different times, so each line waits a moment for earlier ones.
/// </summary>
public sealed class Timeline(IAnsiConsole console, TimeProvider time) : BackgroundService
{
    private static readonly TimeSpan Moment = TimeSpan.FromMilliseconds(200);

    private readonly PriorityQueue<string, DateTimeOffset> lines = new();

    /// <summary>When it began.</summary>
    public DateTimeOffset Start { get; } = time.GetUtcNow();

    /// <summary>An amount for people.</summary>
    public static string Money(decimal amount) => amount.ToString("0.00", CultureInfo.InvariantCulture);

    /// <summary>A time as the timeline shows it.</summary>
    public string Clock(DateTimeOffset at) => string.Create(CultureInfo.InvariantCulture, $"{(at - Start).TotalSeconds:0.00} s");

    /// <summary>Adds a line.</summary>
    /// <param name="seat">What it is about.</param>
    /// <param name="who">Who tells.</param>
    /// <param name="what">What happened.</param>
    /// <param name="at">When; now by default.</param>
    public void Write(object seat, string who, string what, DateTimeOffset? at = null)
    {
        var when = at ?? time.GetUtcNow();
        var line = $"{Clock(when),8}  {seat}  {who,-8}  {what}";
        lock (lines)
        {
            lines.Enqueue(line, when);
        }
    }

    /// <inheritdoc/>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        WriteUntil(DateTimeOffset.MaxValue);
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (true)
        {
            await Task.Delay(Moment / 4, time, stoppingToken);
            WriteUntil(time.GetUtcNow() - Moment);
        }
    }

    private void WriteUntil(DateTimeOffset end)
    {
        lock (lines)
        {
            while (lines.TryPeek(out var line, out var when) && when <= end)
            {
                console.WriteLine(line);
                lines.Dequeue();
            }
        }
    }
}
