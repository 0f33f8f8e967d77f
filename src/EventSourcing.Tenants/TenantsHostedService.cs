using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace EventSourcing.Tenants;

/// <summary>Runs the tenants with the host, none of which keeps the host from starting.</summary>
internal sealed class TenantsHostedService(TenantRegister tenants, TenantsOptions options, TimeProvider time, ILogger logger) : BackgroundService
{
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken).ConfigureAwait(false);
        await tenants.StopAsync(cancellationToken).ConfigureAwait(false);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (true)
        {
            try
            {
                await tenants.RefreshAsync(stoppingToken).ConfigureAwait(false);
            }
            catch (Exception failure) when (!stoppingToken.IsCancellationRequested)
            {
                Log.DirectoryFailed(logger, failure);
            }

            await Task.Delay(options.RefreshInterval, time, stoppingToken).ConfigureAwait(false);
        }
    }
}
