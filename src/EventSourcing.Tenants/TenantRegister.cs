using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace EventSourcing.Tenants;

/// <summary>The tenants of a process, each in its slot.</summary>
[System.Diagnostics.CodeAnalysis.SuppressMessage("Design", "CA2213", Justification = "A semaphore that is only awaited holds nothing to be given back, and somebody may still be in it.")]
internal sealed class TenantRegister(
    ITenantDirectory directory,
    IServiceProvider host,
    Action<TenantName, EventSourcingBuilder> configure,
    TenantsOptions options,
    ILogger logger) : ITenants, IAsyncDisposable, IDisposable
{
    private readonly ConcurrentDictionary<TenantName, TenantSlot> slots = new();
    private readonly SemaphoreSlim refreshing = new(1, 1);
    private readonly Lock gate = new();
    private bool isEnding;

    public async Task<Tenant> GetAsync(TenantName name, CancellationToken cancellationToken = default)
    {
        _ = name.Value;
        if (!slots.TryGetValue(name, out var slot))
        {
            var known = await directory.ListAsync(cancellationToken).ConfigureAwait(false);
            slot = known.Contains(name) ? Slot(name) : throw new UnknownTenantException(name);
        }

        return await slot.GetAsync(cancellationToken).ConfigureAwait(false);
    }

    public async Task RefreshAsync(CancellationToken cancellationToken = default)
    {
        await refreshing.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            var known = (await directory.ListAsync(cancellationToken).ConfigureAwait(false)).ToHashSet();
            await Task.WhenAll(slots.Where(slot => !known.Contains(slot.Key)).Select(slot => RemoveAsync(slot.Key, slot.Value))).ConfigureAwait(false);

            // Who has failed before comes last: a server that does not answer keeps nobody waiting who has never been tried.
            var due = known.Where(name => !slots.TryGetValue(name, out var slot) || slot.Status.State != TenantState.Running).OrderBy(slots.ContainsKey);
            var atOnce = new ParallelOptions { MaxDegreeOfParallelism = options.StartAtOnce, CancellationToken = cancellationToken };
            await Parallel.ForEachAsync(due, atOnce, async (name, token) => await TryStartAsync(name, token).ConfigureAwait(false)).ConfigureAwait(false);
        }
        finally
        {
            refreshing.Release();
        }
    }

    public IReadOnlyList<TenantStatus> List() => [.. slots.Values.Select(slot => slot.Status).OrderBy(status => status.Name.Value, StringComparer.Ordinal)];

    /// <summary>Stops what the tenants run, all at the same time, and starts none any more. Their services stay for who is still at work.</summary>
    public Task StopAsync(CancellationToken cancellationToken)
    {
        lock (gate)
        {
            isEnding = true;
        }

        return Task.WhenAll(slots.Values.Select(slot => slot.StopAsync(cancellationToken)));
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync(CancellationToken.None).ConfigureAwait(false);
        foreach (var name in slots.Keys)
        {
            if (slots.TryRemove(name, out var slot))
            {
                await slot.EndAsync().ConfigureAwait(false);
            }
        }
    }

    /// <summary>The same, for containers that dispose synchronously.</summary>
    public void Dispose() => DisposeAsync().AsTask().GetAwaiter().GetResult();

    private TenantSlot Slot(TenantName name)
    {
        // Under the lock: no slot is made that the end of the application does not see.
        lock (gate)
        {
            ObjectDisposedException.ThrowIf(isEnding, typeof(ITenants));
            return slots.GetOrAdd(name, _ => new TenantSlot(name, token => StartAsync(name, token)));
        }
    }

    private async Task<TenantContainer> StartAsync(TenantName name, CancellationToken cancellationToken)
    {
        var container = await TenantContainer.StartAsync(name, host, configure, logger, cancellationToken).ConfigureAwait(false);
        Log.Started(logger, name);
        return container;
    }

    private async Task TryStartAsync(TenantName name, CancellationToken cancellationToken)
    {
        try
        {
            await Slot(name).GetAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (Exception failure) when (!cancellationToken.IsCancellationRequested)
        {
            Log.StartFailed(logger, name, failure);
        }
    }

    private async Task RemoveAsync(TenantName name, TenantSlot slot)
    {
        await slot.EndAsync().ConfigureAwait(false);

        // Last: until it has ended, nobody starts another of its name.
        slots.TryRemove(name, out _);
        Log.Stopped(logger, name);
    }
}
