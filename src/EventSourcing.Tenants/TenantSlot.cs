namespace EventSourcing.Tenants;

/// <summary>A tenant's place: it is started once, whoever asks for it, again after a failure, and not any more once it is stopped.</summary>
[System.Diagnostics.CodeAnalysis.SuppressMessage("Design", "CA1001", Justification = "A source of cancellation without a timer holds nothing to be given back.")]
internal sealed class TenantSlot(TenantName name, Func<CancellationToken, Task<TenantContainer>> start)
{
    private readonly Lock gate = new();
    private readonly CancellationTokenSource stopping = new();
    private Task<TenantContainer>? container;
    private bool isStopped;

    public TenantStatus Status
    {
        get
        {
            lock (gate)
            {
                var failure = container is { IsCompletedSuccessfully: true } ? container.Result.Failure : container?.Exception?.InnerException;
                var state = isStopped ? TenantState.Stopped
                    : failure is not null ? TenantState.Failed
                    : container?.IsCompletedSuccessfully == true ? TenantState.Running
                    : TenantState.Starting;
                return new TenantStatus(name, state, failure);
            }
        }
    }

    /// <summary>The tenant, started; also when what it runs has been stopped since.</summary>
    /// <exception cref="UnknownTenantException">It has been stopped before it was there.</exception>
    public async Task<Tenant> GetAsync(CancellationToken cancellationToken)
    {
        Task<TenantContainer> started;
        lock (gate)
        {
            if (container is null or { IsFaulted: true } or { IsCanceled: true })
            {
                container = isStopped ? throw new UnknownTenantException(name) : Task.Run(() => start(stopping.Token));
            }

            started = container;
        }

        return (await started.WaitAsync(cancellationToken).ConfigureAwait(false)).Tenant;
    }

    /// <summary>Ends a start under way and stops what runs; the services stay.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        lock (gate)
        {
            isStopped = true;
        }

        await stopping.CancelAsync().ConfigureAwait(false);
        if (await ContainerAsync().ConfigureAwait(false) is { } started)
        {
            await started.StopAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Stops what runs and disposes the services.</summary>
    public async Task EndAsync()
    {
        await StopAsync(CancellationToken.None).ConfigureAwait(false);
        if (await ContainerAsync().ConfigureAwait(false) is { } started)
        {
            lock (gate)
            {
                // Nobody is handed what is gone.
                container = null;
            }

            await started.DisposeAsync().ConfigureAwait(false);
        }
    }

    private async Task<TenantContainer?> ContainerAsync()
    {
        if (container is not { } started)
        {
            return null;
        }

        await ((Task)started).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return started.IsCompletedSuccessfully ? await started.ConfigureAwait(false) : null;
    }
}
