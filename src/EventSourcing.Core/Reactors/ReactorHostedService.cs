using Microsoft.Extensions.Hosting;

namespace EventSourcing;

internal sealed class ReactorHostedService(ReactorRunner runner) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            await runner.RunAsync(stoppingToken).ConfigureAwait(false);
        }
        catch (ConsumerFailedException)
        {
            // Logged as critical where it happened. The application goes on: the reactor's place in the log is kept.
        }
    }
}
