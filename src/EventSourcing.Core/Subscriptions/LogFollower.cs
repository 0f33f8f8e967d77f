using System.Runtime.CompilerServices;

namespace EventSourcing;

/// <summary>The one loop under every subscription and projection: read, hand out, wait, for ever, from a position on.</summary>
internal static class LogFollower
{
    /// <summary>
    /// The pages of the log from a checkpoint on. A page is empty only where the log was looked at without a match.
    /// Ends with <see cref="OperationCanceledException"/>, or after the page that reaches <paramref name="upTo"/>.
    /// </summary>
    public static async IAsyncEnumerable<LogPage> FollowAsync(
        IEventStore store,
        Checkpoint from,
        EventFilter filter,
        Func<LogPosition, int> pageSize,
        LogPosition? upTo,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        // Against the highest position of all: what is final may for a moment be known to another process only.
        var head = await store.GetHeadAsync(cancellationToken).ConfigureAwait(false);
        if (from.Position > head.Highest)
        {
            throw new CheckpointAheadOfLogException(from, head.Highest);
        }

        var after = from.Position;
        var wasEnd = false;
        while (upTo is null || after < upTo)
        {
            var options = new LogReadOptions { After = after, UpTo = upTo, Filter = filter, PageSize = pageSize(after) };
            var isEnd = false;
            await foreach (var page in store.ReadPagesAsync(options, cancellationToken).ConfigureAwait(false))
            {
                // An empty page is handed out where it tells that the follower has caught up.
                isEnd = page.IsEnd;
                Instruments.LogEvents.Add(page.Events.Count);
                if (page.ReadTo > after || (isEnd && !wasEnd))
                {
                    (after, wasEnd) = (page.ReadTo, isEnd);
                    yield return page;
                }

                if (pageSize(after) != options.PageSize)
                {
                    break;
                }
            }

            if (isEnd && (upTo is null || after < upTo))
            {
                await store.WaitForAppendAsync(after, cancellationToken).ConfigureAwait(false);
            }
        }
    }
}
