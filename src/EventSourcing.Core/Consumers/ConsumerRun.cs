namespace EventSourcing;

/// <summary>The two ways to run all consumers of a host: for as long as wanted, or up to what is the head of the log.</summary>
internal static class ConsumerRun
{
    /// <summary>Runs until cancelled.</summary>
    /// <exception cref="ConsumerFailedException">The run has been ended, and this one had failed.</exception>
    /// <exception cref="InvalidOperationException">A run is under way already.</exception>
    public static async Task RunAsync(ConsumerHost host, string what, CancellationToken cancellationToken)
    {
        if (!await host.TryRunAsync(cancellationToken).ConfigureAwait(false))
        {
            throw new InvalidOperationException($"The {what} are running already.");
        }

        if (host.Failure is { } failure)
        {
            throw failure;
        }
    }

    /// <summary>Runs, or lets another run go on, until all have passed what is the head of the log now.</summary>
    public static async Task CatchUpAsync(IEventStore store, ConsumerHost host, ConsumerControl control, CancellationToken cancellationToken)
    {
        var head = (await store.GetHeadAsync(cancellationToken).ConfigureAwait(false)).Final;
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var run = host.TryRunAsync(enough.Token);
        try
        {
            var passed = Task.WhenAll(host.Names.Select(name => control.WaitForAsync(name, head, enough.Token)));
            while (await Task.WhenAny(passed, host.RunEnded).ConfigureAwait(false) != passed)
            {
                // It was somebody else's run that has ended: this one takes its turn.
                run = host.TryRunAsync(enough.Token);
            }

            await passed.ConfigureAwait(false);
            await control.ThrowIfAheadOfLogAsync(cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            await enough.CancelAsync().ConfigureAwait(false);
            await run.ConfigureAwait(false);
        }
    }
}
