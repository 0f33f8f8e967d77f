using Xunit;

namespace EventSourcing.Conformance;

/// <summary>Tamper-evident streams: hashes as documented, and a verifier that names the first broken link.</summary>
public abstract class ChainSuite : StoreSuite
{
    /// <summary>The capability, beside a store whose streams are chained from the first event.</summary>
    protected abstract IHashChain CreateChain(IEventStore store);

    private ChainVerifier Verifier => new(Store, CreateChain(Store));

    [Fact]
    public async Task Every_event_carries_the_hash_of_its_content_and_of_the_event_before()
    {
        await AppendAsync(
            new StreamAppend("a-1", ExpectedVersion.NoStream, [NewEvent(data: """{"ü": "🎉"}"""), NewEvent(metadata: """{"actor":"\u0000"}""")]),
            new StreamAppend("b", ExpectedVersion.NoStream, [Tagged("course:c1", "student:ü"), NewEvent(data: "[1.50]", metadata: "{}")]));
        await AppendAsync("a-1", ExpectedVersion.At(2), NewEvents(40));

        foreach (var stream in new StreamName[] { "a-1", "b" })
        {
            byte[] before = [];
            foreach (var recorded in await ReadAsync(stream))
            {
                before = EventHash.Of(before, recorded);
            }

            var verified = await Verifier.VerifyAsync(stream, cancellationToken: Cancellation);
            Assert.True(verified.IsIntact);
            Assert.Equal(new ChainHead(stream, verified.Head!.Version, Convert.ToHexStringLower(before)), verified.Head);
        }

        var log = await Verifier.VerifyLogAsync(cancellationToken: Cancellation);
        Assert.Equal((true, 2L, 44L, 0L), (log.IsIntact, log.Streams, log.Events, log.Unchained));
    }

    [Fact]
    public async Task Appends_side_by_side_leave_every_chain_whole()
    {
        await Task.WhenAll(Enumerable.Range(0, 16).Select(async n =>
        {
            for (var i = 0; i < 12; i++)
            {
                await AppendAsync($"own-{n}", ExpectedVersion.Any, NewEvents(1 + (i % 3)));
                await AppendAsync($"shared-{i % 2}", ExpectedVersion.Any, NewEvents(1 + (n % 2)));
            }
        }));

        var log = await Verifier.VerifyLogAsync(cancellationToken: Cancellation);

        Assert.Empty(log.Breaks);
        Assert.Equal((18L, (16 * 24L) + (8 * 12 * 3), 0L), (log.Streams, log.Events, log.Unchained));
    }

    [Fact]
    public async Task An_anchor_holds_while_the_log_grows_and_not_for_another_log()
    {
        for (var n = 0; n < 30; n++)
        {
            await AppendAsync($"a-{n}", ExpectedVersion.NoStream, NewEvents(2));
        }

        var reports = new List<LogVerificationProgress>();
        var first = await Verifier.VerifyLogAsync(progress: new Told(reports.Add), cancellationToken: Cancellation);
        await AppendAsync("a-1", ExpectedVersion.Any, NewEvents(3));
        await AppendAsync("z-1", ExpectedVersion.Any, NewEvents(3));
        var anchor = LogAnchor.Parse(first.Anchor!.ToString());
        Assert.Equal(first.Anchor, anchor);
        Assert.Equal((30L, 60L), (reports[^1].Streams, reports[^1].Events));

        var later = await Verifier.VerifyLogAsync(new LogVerificationOptions { Anchor = anchor }, cancellationToken: Cancellation);
        Assert.True(later.IsIntact);
        Assert.NotEqual(anchor, later.Anchor);

        foreach (var other in new[]
        {
            anchor with { Digest = later.Anchor!.Digest },
            anchor with { Position = later.Anchor.Position },
            anchor with { Position = new LogPosition(later.Anchor.Position.Value + 1) },
        })
        {
            var refused = await Verifier.VerifyLogAsync(new LogVerificationOptions { Anchor = other }, cancellationToken: Cancellation);
            Assert.Equal((ChainBreakKind.OtherThanAnchor, null), (Assert.Single(refused.Breaks).Kind, refused.Anchor));
            Assert.Contains("another than the one of which the anchor was taken", refused.Breaks[0].ToString(), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Shards_are_verified_on_their_own_with_anchors_of_their_own()
    {
        for (var n = 0; n < 30; n++)
        {
            await AppendAsync($"a-{n}", ExpectedVersion.NoStream, NewEvents(2));
        }

        var shards = new List<LogVerification>();
        for (var i = 0; i < 4; i++)
        {
            shards.Add(await Verifier.VerifyLogAsync(new LogVerificationOptions { Shard = new StreamShard(i, 4) }, cancellationToken: Cancellation));
        }

        Assert.Equal((30L, 60L), (shards.Sum(shard => shard.Streams), shards.Sum(shard => shard.Events)));
        Assert.True((await Verifier.VerifyLogAsync(new LogVerificationOptions { Shard = new StreamShard(2, 4), Anchor = shards[2].Anchor }, cancellationToken: Cancellation)).IsIntact);
        await Assert.ThrowsAsync<ArgumentException>(() => Verifier.VerifyLogAsync(new LogVerificationOptions { Anchor = shards[2].Anchor }, cancellationToken: Cancellation));
    }

    [Fact]
    public async Task A_head_that_was_kept_tells_whether_the_stream_is_still_the_same()
    {
        await AppendAsync("a-1", ExpectedVersion.NoStream, NewEvents(3));
        var head = (await Verifier.VerifyAsync("a-1", cancellationToken: Cancellation)).Head!;
        await AppendAsync("a-1", ExpectedVersion.Any, NewEvents(2));

        Assert.True((await Verifier.VerifyAsync("a-1", head, Cancellation)).IsIntact);
        Assert.Equal((ChainBreakKind.OtherThanAnchor, 3L), At(await Verifier.VerifyAsync("a-1", head with { Hash = new string('0', 64) }, Cancellation)));
        Assert.Equal((ChainBreakKind.Missing, 6L), At(await Verifier.VerifyAsync("a-1", head with { Version = new(6) }, Cancellation)));
        Assert.Equal((ChainBreakKind.Missing, 1L), At(await Verifier.VerifyAsync("a-2", head with { Stream = "a-2" }, Cancellation)));
        Assert.Null((await Verifier.VerifyAsync("a-2", cancellationToken: Cancellation)).Head);
        await Assert.ThrowsAsync<ArgumentException>(() => Verifier.VerifyAsync("a-2", head, Cancellation));
        await Assert.ThrowsAsync<InvalidOperationException>(() => Verifier.VerifyAsync(default, cancellationToken: Cancellation));
    }

    [Theory]
    [InlineData("nothing", null, 0)]
    [InlineData("content", ChainBreakKind.Changed, 3)]
    [InlineData("hash", ChainBreakKind.Changed, 3)]
    [InlineData("replaced with its hash", ChainBreakKind.Changed, 4)]
    [InlineData("stream", ChainBreakKind.Changed, 3)]
    [InlineData("unreadable", ChainBreakKind.Changed, 3)]
    [InlineData("removed", ChainBreakKind.Missing, 3)]
    [InlineData("first removed", ChainBreakKind.Missing, 1)]
    [InlineData("last removed", ChainBreakKind.Missing, 6)]
    [InlineData("all removed", ChainBreakKind.Missing, 1)]
    [InlineData("no hash", ChainBreakKind.Unhashed, 3)]
    [InlineData("no hashes up to here", ChainBreakKind.Changed, 4)]
    [InlineData("swapped", ChainBreakKind.OutOfOrder, 3)]
    [InlineData("beyond the end", ChainBreakKind.Unexpected, 6)]
    [InlineData("twice", ChainBreakKind.Unexpected, 3)]
    public async Task The_first_broken_link_is_named(string what, ChainBreakKind? kind, long version)
    {
        await AppendAsync("a-1", ExpectedVersion.NoStream, NewEvents(6));
        await AppendAsync("a-2", ExpectedVersion.NoStream, NewEvents(6));
        var verifier = new ChainVerifier(Store, new TamperedChain(CreateChain(Store), chain => Tampered(chain, what)));

        var stream = await verifier.VerifyAsync("a-1", cancellationToken: Cancellation);
        var log = await verifier.VerifyLogAsync(cancellationToken: Cancellation);

        Assert.Equal((kind, version), stream.FirstBreak is { } found ? (found.Kind, found.Version.Value) : ((ChainBreakKind?)null, 0L));
        Assert.Equal(kind is null, stream.Head is not null);
        Assert.Equal(stream.FirstBreak, log.Breaks.SingleOrDefault());
        Assert.Equal(kind is null, log.Anchor is not null);
        Assert.Equal(kind is not null, stream.FirstBreak?.ToString().StartsWith($"Stream 'a-1' is broken at version {version}", StringComparison.Ordinal) ?? false);
    }

    [Fact]
    public async Task It_stops_after_as_many_broken_streams_as_wanted()
    {
        for (var n = 0; n < 10; n++)
        {
            await AppendAsync($"a-{n}", ExpectedVersion.NoStream, NewEvents(3));
        }

        var tampered = new TamperedChain(CreateChain(Store), chain => Tampered(chain, "content"), onlyFirst: false);
        var all = await new ChainVerifier(Store, tampered).VerifyLogAsync(cancellationToken: Cancellation);
        var some = await new ChainVerifier(Store, tampered).VerifyLogAsync(new LogVerificationOptions { MaxBreaks = 3 }, cancellationToken: Cancellation);

        Assert.Equal((10, 10L), (all.Breaks.Count, all.Streams));
        Assert.Equal((3, 3L), (some.Breaks.Count, some.Streams));
        Assert.Equal(all.Breaks.OrderBy(found => found.Position!.Value.Value), all.Breaks);
        Assert.Throws<ArgumentOutOfRangeException>(() => new LogVerificationOptions { MaxBreaks = 0 });
    }

    [Fact]
    public async Task A_truncated_stream_begins_where_it_was_cut_and_is_verified_from_there()
    {
        await AppendAsync("a-1", ExpectedVersion.NoStream, NewEvents(6));
        var store = new PastStore(Store) { First = 4, Info = stream => new StreamInfo(stream, new(6), new(4), StreamState.Open) { StandIn = StreamStandIn.Summary } };
        ChainVerifier Over(string what, bool isKnown) => new(store, new TamperedChain(
            CreateChain(Store),
            chain => Tampered([With(chain[3], before: isKnown ? chain[2].Hash.ToArray() : []), .. chain[4..]], what)));

        foreach (var isKnown in new[] { true, false })
        {
            var intact = await Over("nothing", isKnown).VerifyAsync("a-1", cancellationToken: Cancellation);
            Assert.Equal((true, 4L, 3L), (intact.IsIntact, intact.FirstVersion.Value, intact.Events));
        }

        // What it follows is needed to verify the first one that is left, and not for the others.
        Assert.Equal((ChainBreakKind.Changed, 4L), At(await Over("first content", isKnown: true).VerifyAsync("a-1", cancellationToken: Cancellation)));
        Assert.True((await Over("first content", isKnown: false).VerifyAsync("a-1", cancellationToken: Cancellation)).IsIntact);
        Assert.Equal((ChainBreakKind.Changed, 6L), At(await Over("content", isKnown: false).VerifyAsync("a-1", cancellationToken: Cancellation)));
    }

    private static (ChainBreakKind Kind, long Version) At(StreamVerification verified) =>
        (verified.FirstBreak!.Kind, verified.FirstBreak.Version.Value);

    private static EventData Tagged(params string[] tags) =>
        new(Guid.CreateVersion7(), "tagged", "{}"u8.ToArray(), default, [.. tags.Select(tag => new Tag(tag))]);

    private static ChainedEvent[] Tampered(ChainedEvent[] chain, string what)
    {
        const int At = 2;
        switch (what)
        {
            case "content":
                chain[At] = With(chain[At], data: "{ }"u8.ToArray());
                break;
            case "first content":
                chain[0] = With(chain[0], data: "{ }"u8.ToArray());
                break;
            case "hash":
                chain[At] = With(chain[At], hash: new byte[EventHash.Size]);
                break;
            case "replaced with its hash":
                chain[At] = With(chain[At], data: "{ }"u8.ToArray());
                chain[At] = With(chain[At], hash: EventHash.Of(chain[At - 1].Hash.Span, chain[At].Recorded!));
                break;
            case "stream":
                chain[At] = With(chain[At], name: "a-3");
                break;
            case "unreadable":
                chain[At] = new ChainedEvent { Stream = chain[At].Stream, StreamVersion = chain[At].StreamVersion, Damage = new DamagedDataException("no") };
                break;
            case "removed":
                return [.. chain.Where((_, i) => i != At)];
            case "first removed":
                return chain[1..];
            case "last removed":
                return chain[..^1];
            case "all removed":
                return [new ChainedEvent { Stream = chain[0].Stream, StreamVersion = chain[0].StreamVersion }];
            case "no hash":
                chain[At] = With(chain[At], hash: []);
                break;
            case "no hashes up to here":
                return [.. chain.Select((one, i) => i > At ? one : With(one, hash: []))];
            case "swapped":
                var (left, right) = (chain[At], chain[At + 1]);
                chain[At] = With(right, version: left.Recorded!.Version);
                chain[At + 1] = With(left, version: right.Recorded!.Version);
                break;
            case "beyond the end":
                chain = Array.ConvertAll(chain, one => new ChainedEvent { Stream = one.Stream, StreamVersion = new(5), Recorded = one.Recorded, Hash = one.Hash });
                break;
            case "twice":
                return [.. chain[..(At + 1)], .. chain[At..]];
            default:
                break;
        }

        return chain;
    }

    private static ChainedEvent With(
        ChainedEvent chained, byte[]? data = null, byte[]? hash = null, byte[]? before = null, string? name = null, StreamVersion? version = null) => new()
    {
        Stream = chained.Stream,
        StreamVersion = chained.StreamVersion,
        Hash = hash ?? chained.Hash,
        Before = before ?? chained.Before,
        Recorded = new RecordedEvent
        {
            Stream = name ?? chained.Recorded!.Stream,
            Version = version ?? chained.Recorded!.Version,
            Position = chained.Recorded!.Position,
            Id = chained.Recorded.Id,
            Type = chained.Recorded.Type,
            Data = data ?? chained.Recorded.Data,
            Metadata = chained.Recorded.Metadata,
            RecordedAt = chained.Recorded.RecordedAt,
        },
    };

    private sealed class Told(Action<LogVerificationProgress> tell) : IProgress<LogVerificationProgress>
    {
        public void Report(LogVerificationProgress value) => tell(value);
    }

    /// <summary>A chain that somebody has worked on.</summary>
    private sealed class TamperedChain(IHashChain inner, Func<ChainedEvent[], ChainedEvent[]> tamper, bool onlyFirst = true) : IHashChain
    {
        public async IAsyncEnumerable<ChainedEvent> ReadChainAsync(
            StreamName stream, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken = default)
        {
            foreach (var chained in Worked(await inner.ReadChainAsync(stream, cancellationToken).ToArrayAsync(cancellationToken)))
            {
                yield return chained;
            }
        }

        public async IAsyncEnumerable<ChainedEvent> ReadChainsAsync(
            StreamShard shard, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken = default)
        {
            foreach (var chain in (await inner.ReadChainsAsync(shard, cancellationToken).ToArrayAsync(cancellationToken)).GroupBy(one => one.Stream))
            {
                foreach (var chained in Worked([.. chain]))
                {
                    yield return chained;
                }
            }
        }

        public IAsyncEnumerable<ChainedEvent> ReadStraysAsync(StreamShard shard, CancellationToken cancellationToken = default) =>
            inner.ReadStraysAsync(shard, cancellationToken);

        private ChainedEvent[] Worked(ChainedEvent[] chain) => onlyFirst && chain[0].Stream != "a-1" ? chain : tamper(chain);
    }
}
