namespace EventSourcing.PostgreSql;

/// <summary>
/// Lets a caller who gives up go on at once, whatever the server does. The driver asks a server to cancel a statement from within
/// <see cref="CancellationTokenSource.Cancel()"/>, on a connection of its own: where nobody answers, whoever cancels would be
/// blocked until that has timed out, and the caller after him.
/// </summary>
internal static class GivingUp
{
    /// <summary>Runs work that nobody needs any more when its caller has gone: it is cancelled, and ends by itself.</summary>
    /// <param name="state">What the work is given, so that it needs no closure.</param>
    /// <param name="work">The work.</param>
    /// <param name="cancellationToken">The caller's.</param>
    public static Task<T> RunAsync<TState, T>(TState state, Func<TState, CancellationToken, Task<T>> work, CancellationToken cancellationToken) =>
        cancellationToken.CanBeCanceled ? WithTokenAsync(state, work, cancellationToken) : work(state, cancellationToken);

    private static async Task<T> WithTokenAsync<TState, T>(TState state, Func<TState, CancellationToken, Task<T>> work, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();

        // Not disposed: the work may still hold it when its caller has gone, and without a timer there is nothing to give back.
        var own = new CancellationTokenSource();
        var registration = cancellationToken.UnsafeRegister(static source => _ = ((CancellationTokenSource)source!).CancelAsync(), own);
        await using (registration.ConfigureAwait(false))
        {
            var running = work(state, own.Token);
            try
            {
                return await running.WaitAsync(cancellationToken).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                // There may be nobody to observe how it ends.
                _ = running.ContinueWith(
                    static ended => ended.Exception, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
                throw;
            }
        }
    }
}
