namespace EventSourcing.Benchmarks;

/// <summary>Follows what one side appends, in whichever process.</summary>
internal interface IFollower : IAsyncDisposable
{
    /// <summary>Tells every event's position as soon as it has it, until cancelled.</summary>
    /// <param name="after">The last position that is not wanted.</param>
    /// <param name="onReady">Called when everything after that has been told, and from now on events come as they are written.</param>
    /// <param name="onEvent">Called with the position of each event.</param>
    /// <param name="cancellationToken">Ends the following.</param>
    Task FollowAsync(long after, Action onReady, Action<long> onEvent, CancellationToken cancellationToken);
}
