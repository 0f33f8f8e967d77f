namespace EventSourcing;

/// <summary>What the library tells about itself: the names to listen to, and the one measure that adapters take.</summary>
/// <remarks>Nothing is measured, and nothing allocated for it, while nobody listens.</remarks>
public static class EventSourcingTelemetry
{
    /// <summary>The name of the <see cref="System.Diagnostics.ActivitySource"/>: <c>EventSourcing</c>.</summary>
    public const string ActivitySourceName = "EventSourcing";

    /// <summary>The name of every <see cref="System.Diagnostics.Metrics.Meter"/> of the library and of its adapters: <c>EventSourcing</c>.</summary>
    public const string MeterName = "EventSourcing";

    /// <summary>
    /// For adapters: runs an append inside its activity, and measures how long it took, what it came to, and how many
    /// events it stored.
    /// </summary>
    /// <remarks>
    /// Each adapter calls it once around <see cref="IEventStore.AppendAsync"/>, so that an append is measured whoever asks for
    /// it, and shows the same in every store. It is no decorator, because one would hide from <c>is</c> what else a store can do.
    /// </remarks>
    /// <typeparam name="TState">What the append needs beside the request.</typeparam>
    /// <param name="request">The parts of the append.</param>
    /// <param name="state">Given to <paramref name="append"/>, which can then be a static lambda.</param>
    /// <param name="append">The append itself; called once.</param>
    /// <param name="cancellationToken">Given to <paramref name="append"/>.</param>
    /// <returns>The result of <paramref name="append"/>; its exceptions pass through.</returns>
    public static Task<AppendResult> MeasureAppendAsync<TState>(
        AppendRequest request,
        TState state,
        Func<AppendRequest, TState, CancellationToken, Task<AppendResult>> append,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(append);
        return Operation.IsAppendWatched
            ? WatchedAppendAsync(request, state, append, cancellationToken)
            : append(request, state, cancellationToken);
    }

    private static async Task<AppendResult> WatchedAppendAsync<TState>(
        AppendRequest request,
        TState state,
        Func<AppendRequest, TState, CancellationToken, Task<AppendResult>> append,
        CancellationToken cancellationToken)
    {
        using var operation = Operation.Append(request);
        try
        {
            var result = await append(request, state, cancellationToken).ConfigureAwait(false);
            operation.Stored(result, request.EventCount);
            return result;
        }
        catch (Exception failure) when (operation.Failed(failure))
        {
            throw;
        }
    }
}
