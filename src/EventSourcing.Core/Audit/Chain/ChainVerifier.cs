namespace EventSourcing;

/// <summary>
/// Verifies tamper-evident chains: recomputes the hash of every event from what is stored, and names the first broken link.
/// </summary>
/// <remarks>A chain shows that nothing was changed by anybody who did not make all later hashes of the stream anew. Whoever can write to
/// the tables can do that: against them keep a <see cref="LogAnchor"/>, or the <see cref="ChainHead"/> of a stream, where they cannot
/// write, and verify against it.</remarks>
public sealed class ChainVerifier
{
    private const int StreamsByReport = 1000;

    private readonly IEventStore store;
    private readonly IHashChain chains;

    /// <summary>Makes it; in an application with a container, ask for it instead.</summary>
    /// <param name="store">The store.</param>
    /// <param name="chains">Reads events with their hashes: as a rule the same store.</param>
    public ChainVerifier(IEventStore store, IHashChain chains)
    {
        ArgumentNullException.ThrowIfNull(store);
        ArgumentNullException.ThrowIfNull(chains);
        this.store = store;
        this.chains = chains;
    }

    /// <summary>Verifies one stream, as it is at one moment.</summary>
    /// <param name="stream">The stream. One that does not exist is intact, unless the anchor says that there was one.</param>
    /// <param name="anchor">Its head when it was verified earlier; none by default.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>What was found.</returns>
    /// <exception cref="ArgumentException">The anchor is of another stream.</exception>
    /// <exception cref="EventStoreUnavailableException">The store cannot be reached.</exception>
    public async Task<StreamVerification> VerifyAsync(StreamName stream, ChainHead? anchor = null, CancellationToken cancellationToken = default)
    {
        _ = stream.Value;
        if (anchor is not null && anchor.Stream != stream)
        {
            throw new ArgumentException($"The anchor is of stream '{anchor.Stream}', not of '{stream}'.", nameof(anchor));
        }

        var walk = new ChainWalk(stream);
        await foreach (var chained in chains.ReadChainAsync(stream, cancellationToken).ConfigureAwait(false))
        {
            walk.Take(chained);
            if (anchor is not null)
            {
                walk.Compare(anchor);
            }
        }

        await CheckBeginningAsync(walk, cancellationToken).ConfigureAwait(false);
        return walk.End(anchor);
    }

    /// <summary>Verifies all streams, one after the other. Events that are appended meanwhile may be looked at or not.</summary>
    /// <param name="options">Which streams, against which anchor, and when to stop.</param>
    /// <param name="progress">Told after each 1,000 streams, and at the end.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>What was found.</returns>
    /// <exception cref="ArgumentException">The anchor is of another shard.</exception>
    /// <exception cref="EventStoreUnavailableException">The store cannot be reached.</exception>
    public async Task<LogVerification> VerifyLogAsync(
        LogVerificationOptions? options = null, IProgress<LogVerificationProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        options ??= new LogVerificationOptions();
        var head = (await store.GetHeadAsync(cancellationToken).ConfigureAwait(false)).Final;
        if (options.Anchor is { } known && known.Shard != options.Shard)
        {
            throw new ArgumentException($"The anchor is of shard {known.Shard}, not of {options.Shard}.", nameof(options));
        }

        using var now = new ChainDigest(head);
        using var then = new ChainDigest(options.Anchor?.Position ?? LogPosition.Start);
        var sum = new Sum(options.MaxBreaks);
        ChainWalk? walk = null;
        await foreach (var chained in chains.ReadChainsAsync(options.Shard, cancellationToken).ConfigureAwait(false))
        {
            if (walk is null || walk.Stream != chained.Stream)
            {
                await EndAsync(walk, sum, progress, cancellationToken).ConfigureAwait(false);
                if (sum.IsFull)
                {
                    return sum.Result(null);
                }

                walk = new ChainWalk(chained.Stream);
            }

            now.Take(chained);
            then.Take(chained);
            walk.Take(chained);
        }

        await EndAsync(walk, sum, progress, cancellationToken).ConfigureAwait(false);
        await foreach (var stray in chains.ReadStraysAsync(options.Shard, cancellationToken).ConfigureAwait(false))
        {
            sum.Add(new ChainBreak(
                ChainBreakKind.Unexpected, stray.Stream, stray.Recorded?.Version ?? StreamVersion.None, stray.Recorded?.Position ?? stray.Damage?.Position));
        }

        if (options.Anchor is { } anchor && (anchor.Position > head || then.End() != anchor.Digest))
        {
            sum.Add(new ChainBreak(ChainBreakKind.OtherThanAnchor, null, StreamVersion.None, null));
        }

        progress?.Report(sum.Progress);
        return sum.Result(new LogAnchor(head, options.Shard, now.End()));
    }

    private async Task EndAsync(ChainWalk? walk, Sum sum, IProgress<LogVerificationProgress>? progress, CancellationToken cancellationToken)
    {
        if (walk is null)
        {
            return;
        }

        await CheckBeginningAsync(walk, cancellationToken).ConfigureAwait(false);
        var end = walk.End(anchor: null);

        // A stream may have been truncated while it was read in parts: what counts is how it is at one moment. One that is not found by its
        // name any more stays what it was.
        if (!end.IsIntact && await VerifyAsync(walk.Stream, anchor: null, cancellationToken).ConfigureAwait(false) is { FirstVersion.Value: > 0 } again)
        {
            end = again;
        }

        sum.Add(end);
        if (sum.Progress.Streams % StreamsByReport == 0)
        {
            progress?.Report(sum.Progress);
        }
    }

    /// <summary>A stream that begins above version 1 was truncated, or somebody has removed its first events.</summary>
    private async Task CheckBeginningAsync(ChainWalk walk, CancellationToken cancellationToken)
    {
        if (!walk.IsBroken && walk.First.Value > 1)
        {
            var info = await store.FindStreamAsync(walk.Stream, cancellationToken).ConfigureAwait(false);
            if (info is null || info.FirstVersion < walk.First)
            {
                walk.Break(ChainBreakKind.Missing, StreamVersion.None.Add(1), null);
            }
        }
    }

    private sealed class Sum(int maxBreaks)
    {
        private readonly List<ChainBreak> breaks = [];
        private readonly HashSet<StreamName> broken = [];
        private long unchained;

        public LogVerificationProgress Progress { get; private set; } = new(0, 0, 0);

        public bool IsFull => breaks.Count >= maxBreaks;

        public void Add(StreamVerification stream)
        {
            Progress = new LogVerificationProgress(Progress.Streams + 1, Progress.Events + stream.Events, StreamBucket.Of(stream.Stream));
            unchained += stream.Unchained;
            if (stream.FirstBreak is { } found)
            {
                Add(found);
            }
        }

        public void Add(ChainBreak found)
        {
            if (!IsFull && (found.Stream is not { } stream || broken.Add(stream)))
            {
                breaks.Add(found);
            }
        }

        public LogVerification Result(LogAnchor? anchor) => new(
            Progress.Streams,
            Progress.Events,
            unchained,
            [.. breaks.OrderBy(found => found.Position?.Value ?? long.MaxValue)],
            breaks.Count == 0 ? anchor : null);
    }
}
