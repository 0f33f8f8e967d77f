using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace EventSourcing.Tenants;

/// <summary>The services of one tenant, and what a host would run of them.</summary>
internal sealed class TenantContainer : IAsyncDisposable
{
    private readonly ServiceProvider services;
    private readonly ILogger logger;
    private readonly List<IHostedService> running = [];
    private readonly IHostedService[] hosted;

    private TenantContainer(TenantName name, ServiceProvider services, ILogger logger)
    {
        this.services = services;
        this.logger = logger;
        Tenant = new Tenant(name, services);
        hosted = [.. services.GetServices<IHostedService>()];
    }

    public Tenant Tenant { get; }

    /// <summary>Why a part of what it runs has ended for good; null where none has.</summary>
    public Exception? Failure => hosted.OfType<BackgroundService>().Select(service => service.ExecuteTask?.Exception?.InnerException).FirstOrDefault(failure => failure is not null);

    /// <summary>Builds the services and starts what a host would start, in its order; leaves nothing behind where that fails.</summary>
    public static async Task<TenantContainer> StartAsync(
        TenantName name, IServiceProvider host, Action<TenantName, EventSourcingBuilder> configure, ILogger logger, CancellationToken cancellationToken)
    {
        var provider = Services(name, host, configure).BuildServiceProvider();
        TenantContainer? container = null;
        try
        {
            ThrowIfNotIsolated(name, provider);
            container = new TenantContainer(name, provider, logger);
            await container.StartAsync(cancellationToken).ConfigureAwait(false);
            return container;
        }
        catch
        {
            if (container is not null)
            {
                await container.StopAsync(CancellationToken.None).ConfigureAwait(false);
            }

            await provider.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Stops what runs, the last first. Never fails: what does is told to the log.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        IHostedService[] all;
        lock (running)
        {
            running.Reverse();
            all = [.. running];
            running.Clear();
        }

        var lifecycles = all.OfType<IHostedLifecycleService>().ToArray();
        await EachAsync(lifecycles, service => service.StoppingAsync(cancellationToken)).ConfigureAwait(false);
        await EachAsync(all, service => service.StopAsync(cancellationToken)).ConfigureAwait(false);
        await EachAsync(lifecycles, service => service.StoppedAsync(cancellationToken)).ConfigureAwait(false);
    }

    public ValueTask DisposeAsync() => services.DisposeAsync();

    private static ServiceCollection Services(TenantName name, IServiceProvider host, Action<TenantName, EventSourcingBuilder> configure)
    {
        var services = new ServiceCollection();
        services.AddSingleton(new HostServices(name, host));
        services.AddSingleton(typeof(TenantName), name);
        Take<TimeProvider>();
        Take<IConfiguration>();
        Take<IHostEnvironment>();
        Take<IHostApplicationLifetime>();
        if (host.GetService<ILoggerFactory>() is { } loggers)
        {
            services.AddSingleton<ILoggerFactory>(new TenantLoggerFactory(loggers, name));
            services.AddSingleton(typeof(ILogger<>), typeof(Logger<>));
        }

        configure(name, services.AddEventSourcing());
        services.PostConfigure<EventSourcingOptions>(options =>
        {
            options.Projections = options.Projections with { Tenant = name };
            options.Reactors = options.Reactors with { Tenant = name };
            options.Messages = options.Messages with { Tenant = name };
        });
        return services;

        // Instances: what is the host's to dispose is not the tenant's.
        void Take<TService>()
            where TService : class
        {
            if (host.GetService<TService>() is { } service)
            {
                services.TryAddSingleton(service);
            }
        }
    }

    /// <summary>An append to a log that is shared is no transaction of the tenant's: there is none that its views could be written in.</summary>
    private static void ThrowIfNotIsolated(TenantName name, ServiceProvider provider)
    {
        if (provider.GetRequiredService<IEventStore>() is TenantLog && provider.GetServices<IProjection>().FirstOrDefault(one => one is IInlineProjection) is { } inline)
        {
            throw new InvalidOperationException(
                $"Projection '{inline.Name}' of tenant '{name}' is inline, which needs a log of the tenant's own; in a log that tenants share, add it as one that is run beside it.");
        }
    }

    private async Task StartAsync(CancellationToken cancellationToken)
    {
        var lifecycles = hosted.OfType<IHostedLifecycleService>().ToArray();
        foreach (var service in lifecycles)
        {
            await service.StartingAsync(cancellationToken).ConfigureAwait(false);
        }

        foreach (var service in hosted)
        {
            running.Add(service);
            await service.StartAsync(cancellationToken).ConfigureAwait(false);
            Watch(service);
        }

        foreach (var service in lifecycles)
        {
            await service.StartedAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    private void Watch(IHostedService service) => _ = (service as BackgroundService)?.ExecuteTask?.ContinueWith(
        ended => Log.ServiceFailed(logger, Tenant.Name, service.GetType().Name, ended.Exception!.InnerException!),
        CancellationToken.None,
        TaskContinuationOptions.OnlyOnFaulted,
        TaskScheduler.Default);

    private async Task EachAsync<TService>(IEnumerable<TService> services, Func<TService, Task> stop)
    {
        foreach (var service in services)
        {
            try
            {
                await stop(service).ConfigureAwait(false);
            }
            catch (Exception failure)
            {
                Log.StopFailed(logger, Tenant.Name, failure);
            }
        }
    }
}
