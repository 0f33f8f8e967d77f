namespace EventSourcing.PostgreSql;

/// <summary>What somebody who may do everything does to the tables is named by the verifier.</summary>
public sealed class TamperTests : IAsyncLifetime
{
    private readonly RememberedAppends written = new();
    private TestDatabase database = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private ChainVerifier Verifier => new(database.Store, new PostgreSqlHashChain(database.Store));

    public async ValueTask InitializeAsync()
    {
        database = await TestDatabase.CreateAsync();
        await database.Store.Schema.InstallHashChainAsync(cancellationToken: Cancellation);
        await written.AppendAsync(database.Store);
    }

    public ValueTask DisposeAsync() => database.DisposeAsync();

    [Theory]
    [InlineData("update {events} set data = '{\"n\": 30}' where {at} = 3", ChainBreakKind.Changed, 3)]
    [InlineData("update {events} set data = (data::text || ' ')::json where {at} = 3", ChainBreakKind.Changed, 3)]
    [InlineData("update {events} set metadata = '{\"actor\":\"another\"}' where {at} = 3", ChainBreakKind.Changed, 3)]
    [InlineData("update {events} set metadata = null where {at} = 1", ChainBreakKind.Changed, 1)]
    [InlineData("update {events} set recorded_at = recorded_at + interval '1 microsecond' where {at} = 6", ChainBreakKind.Changed, 6)]
    [InlineData("update {events} set recorded_at = 'infinity' where {at} = 3", ChainBreakKind.Changed, 3)]
    [InlineData("update {events} set tags = array['course:c2'] where {at} = 2", ChainBreakKind.Changed, 2)]
    [InlineData("update {events} set tags = array[''] where {at} = 2", ChainBreakKind.Changed, 2)]
    [InlineData("update {events} set type = 'other' where {at} = 4", ChainBreakKind.Changed, 4)]
    [InlineData("update {events} set category = 'other' where {at} = 4", ChainBreakKind.Changed, 4)]
    [InlineData("update {events} set event_id = gen_random_uuid() where {at} = 4", ChainBreakKind.Changed, 4)]
    [InlineData("update {events} set position = position + 1000 where {at} = 6", ChainBreakKind.Changed, 6)]
    [InlineData("update {events} set stream_name = 'a-2' where {at} = 3", ChainBreakKind.Changed, 3)]
    [InlineData("update {events} set hash = null where {at} = 3", ChainBreakKind.Unhashed, 3)]
    [InlineData("update {events} set hash = null where {at} <= 3", ChainBreakKind.Changed, 4)]
    [InlineData("update {events} set hash = sha256('') where {at} = 3", ChainBreakKind.Changed, 3)]
    [InlineData("delete from {events} where {at} = 3", ChainBreakKind.Missing, 3)]
    [InlineData("delete from {events} where {at} <= 2", ChainBreakKind.Missing, 1)]
    [InlineData("delete from {events} where {at} = 6", ChainBreakKind.Missing, 6)]
    [InlineData("delete from {events} where {at} > 0", ChainBreakKind.Missing, 1)]
    [InlineData("update {events} set version = case version when 3 then -4 when 4 then -3 end where {at} in (3, 4); update {events} set version = -version where version < 0", ChainBreakKind.OutOfOrder, 3)]
    [InlineData("update {events} set version = case version when 2 then -5 when 5 then -2 end where {at} in (2, 5); update {events} set version = -version where version < 0", ChainBreakKind.OutOfOrder, 2)]
    [InlineData("update {schema}.streams set version = 5 where name = 'a-1'", ChainBreakKind.Unexpected, 6)]
    [InlineData("update {schema}.streams set version = 7 where name = 'a-1'", ChainBreakKind.Missing, 7)]
    [InlineData("update {schema}.streams set bucket = (bucket + 1) % 1024 where name = 'a-1'; update {events} set bucket = (bucket + 1) % 1024 where {at} > 0", ChainBreakKind.Changed, 1)]
    [InlineData("alter table {events} disable trigger all; insert into {events} select position + 1000, bucket, stream_id, 7, stream_name, gen_random_uuid(), category, type, data, metadata, now(), tags, null from {events} where {at} = 6; update {schema}.streams set version = 7 where name = 'a-1'", ChainBreakKind.Unhashed, 7)]
    [InlineData("insert into {events} select position + 1000, bucket, stream_id, 7, stream_name, gen_random_uuid(), category, type, data, metadata, now(), tags, null from {events} where {at} = 6", ChainBreakKind.Unexpected, 7)]
    public async Task It_is_named(string tampering, ChainBreakKind kind, long version)
    {
        (await Verifier.VerifyLogAsync(cancellationToken: Cancellation)).IsIntact.Should().BeTrue();

        await database.ExecuteAsync(tampering.Replace("{events}", "{schema}.events", StringComparison.Ordinal)
            .Replace("{at}", "stream_id = (select stream_id from {schema}.streams where name = 'a-1') and version", StringComparison.Ordinal));

        var log = await Verifier.VerifyLogAsync(cancellationToken: Cancellation);
        var named = log.Breaks.Should().Contain(found => found.Stream == "a-1").Which;
        (named.Kind, named.Version.Value).Should().Be((kind, version));
        log.Anchor.Should().BeNull();
        log.Breaks.Should().OnlyContain(found => found.Stream == "a-1" || tampering.Contains("stream_name = 'a-2'", StringComparison.Ordinal));
        if (!tampering.Contains("bucket", StringComparison.Ordinal))
        {
            (await Verifier.VerifyAsync("a-1", cancellationToken: Cancellation)).FirstBreak.Should().Be(named);
        }
    }

    [Fact]
    public async Task An_event_of_no_stream_is_named()
    {
        await database.ExecuteAsync(
            "insert into {schema}.events select position + 1000, bucket, stream_id + 1000, 1, 'a-1', gen_random_uuid(), category, type, data, metadata, now(), tags, null from {schema}.events where position = 1");

        var log = await Verifier.VerifyLogAsync(cancellationToken: Cancellation);

        log.Breaks.Should().ContainSingle().Which.Should().BeEquivalentTo(new { Kind = ChainBreakKind.Unexpected, Position = new LogPosition(1001) });
    }

    [Fact]
    public async Task Who_makes_all_hashes_anew_is_found_by_an_anchor_alone()
    {
        var before = await Verifier.VerifyLogAsync(cancellationToken: Cancellation);
        var head = (await Verifier.VerifyAsync("a-1", cancellationToken: Cancellation)).Head;

        await database.ExecuteAsync(
            "update {schema}.events set hash = null; update {schema}.events set data = '{\"n\": 30}' where stream_name = 'a-1' and version = 3; select {schema}.chain_streams()");

        (await Verifier.VerifyLogAsync(cancellationToken: Cancellation)).IsIntact.Should().BeTrue();
        (await Verifier.VerifyLogAsync(new LogVerificationOptions { Anchor = before.Anchor }, cancellationToken: Cancellation)).Breaks
            .Should().ContainSingle().Which.Kind.Should().Be(ChainBreakKind.OtherThanAnchor);
        (await Verifier.VerifyAsync("a-1", head, Cancellation)).FirstBreak!.Kind.Should().Be(ChainBreakKind.OtherThanAnchor);
    }

    [Theory]
    [InlineData("delete from {schema}.events where stream_name = 'a-1' and version = 6; update {schema}.streams set version = 5 where name = 'a-1'")]
    [InlineData("delete from {schema}.events where stream_name = 'a-1'; delete from {schema}.streams where name = 'a-1'")]
    [InlineData("update {schema}.events set hash = null where stream_name = 'a-1'")]
    public async Task What_no_chain_shows_an_anchor_does(string tampering)
    {
        var before = await Verifier.VerifyLogAsync(cancellationToken: Cancellation);

        await database.ExecuteAsync(tampering);

        (await Verifier.VerifyLogAsync(cancellationToken: Cancellation)).IsIntact.Should().BeTrue();
        (await Verifier.VerifyLogAsync(new LogVerificationOptions { Anchor = before.Anchor }, cancellationToken: Cancellation)).Breaks
            .Should().ContainSingle().Which.Kind.Should().Be(ChainBreakKind.OtherThanAnchor);
    }

    private sealed class RememberedAppends
    {
        public async Task AppendAsync(PostgreSqlEventStore store)
        {
            foreach (var stream in new StreamName[] { "a-0", "a-1", "b-1" })
            {
                await store.AppendAsync(stream, ExpectedVersion.NoStream, [New("{\"actor\":\"clerk-7\"}"), New(null, new Tag("course:c1")), New(null)], Cancellation);
                await store.AppendAsync(stream, ExpectedVersion.At(3), [New(null), New(null), New(null)], Cancellation);
            }
        }

        private static EventData New(string? metadata, params Tag[] tags) => new(
            Guid.CreateVersion7(), "happened", "{\"n\": 3}"u8.ToArray(), metadata is null ? default : System.Text.Encoding.UTF8.GetBytes(metadata), tags);
    }
}
