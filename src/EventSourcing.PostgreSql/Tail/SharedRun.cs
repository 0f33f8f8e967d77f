namespace EventSourcing.PostgreSql;

/// <summary>
/// Work whose result is good for everyone who asked before it began: one run at a time, and one to follow it, however
/// many ask.
/// </summary>
internal sealed class SharedRun<T>(Func<Task<T>> work)
{
    private readonly Lock gate = new();
    private Task current = Task.CompletedTask;
    private Task<T>? following;

    /// <summary>A run that begins after this call; shared with all others who ask before it begins.</summary>
    public Task<T> NextAsync()
    {
        lock (gate)
        {
            return following ??= AfterAsync(current);
        }
    }

    /// <summary>Completes when the run under way has ended; never fails.</summary>
    public async Task DrainAsync()
    {
        Task last;
        lock (gate)
        {
            last = following ?? current;
        }

        await last.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private async Task<T> AfterAsync(Task before)
    {
        // Yields in any case: the work does not begin under the lock. And it observes a failure that everyone who asked has
        // stopped waiting for.
        await before.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ForceYielding);
        lock (gate)
        {
            current = following!;
            following = null;
        }

        return await work().ConfigureAwait(false);
    }
}
