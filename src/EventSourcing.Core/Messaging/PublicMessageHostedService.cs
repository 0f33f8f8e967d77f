using Microsoft.Extensions.Hosting;

namespace EventSourcing;

internal sealed class PublicMessageHostedService(PublicMessageRunner runner) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            await runner.RunAsync(stoppingToken).ConfigureAwait(false);
        }
        catch (ConsumerFailedException)
        {
            // Logged as critical where it happened. The application goes on: what is to be told waits in the outbox.
        }
    }
}
