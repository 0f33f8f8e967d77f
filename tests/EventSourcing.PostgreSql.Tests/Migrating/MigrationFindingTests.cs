namespace EventSourcing.PostgreSql;

/// <summary>What the dry run passes is imported, and what it finds the import refuses with the same words.</summary>
public sealed class MigrationFindingTests
{
    private const string Stream = "00000000-0000-0000-0000-0000000000a1";

    // What spoils a source, what the dry run says of it, and how often.
    public static TheoryData<string, string, long> OfMarten { get; } = new()
    {
        { "update mt_events set version = version + 100 where version > 20", "which does not follow 20", 40 },
        { "delete from mt_events where version = 7", "which does not follow 6", 40 },
        { "delete from mt_events where version = 1", "the first one left of its stream, and has the version 2", 40 },
        { "update mt_events set seq_id = -seq_id where seq_id <= 6", "below 1", 2 },
        { "update mt_events set seq_id = 0 where seq_id = 3", "below 1", 1 },
        { "update mt_events set seq_id = 100000 + seq_id where version = 3", "which does not follow", 80 },
        { "update mt_events set version = 0 where version = 1", "the first one is 1", 80 },
        { "update mt_events set id = '00000000-0000-0000-0000-000000000000' where seq_id in (3, 300)", "its id is empty", 2 },
        { "update mt_events set type = repeat('x', 201) where seq_id = 300", "more than 200 characters", 1 },
        { "update mt_events set type = '' where seq_id = 300", "is empty or has more", 1 },
        { "update mt_events set timestamp = 'infinity' where seq_id = 300", "its time is infinite", 1 },
        { "update mt_events set timestamp = '-infinity' where seq_id = 300", "its time is infinite", 1 },
        { "update mt_events set timestamp = '0044-03-15 BC' where seq_id = 300", "not within the years 1 to 9999", 1 },
        { "update mt_events set timestamp = '10000-01-01' where seq_id = 300", "not within the years 1 to 9999", 1 },
        { "update mt_events set data = jsonb_build_object('x', repeat('x', 2000)) where seq_id = 300", "this store takes 2,000", 1 },
        { "update mt_events set headers = jsonb_build_object('x', repeat('x', 2000)) where seq_id = 300", "this store takes 2,000", 1 },
        { "update mt_events set data = (repeat('[', 300) || repeat(']', 300))::jsonb where seq_id = 300", "not one JSON value", 1 },
        { "update mt_streams set type = repeat('x', 500) where type = 'customer'", "has at most 500 characters", 250 },
        { "update mt_streams set type = '-x' where type = 'customer'", "no category before its first hyphen", 250 },
        { "alter table mt_events add column bdata bytea; update mt_events set bdata = '\\x00' where seq_id = 300", "its payload is binary", 1 },
        { "alter table mt_events drop constraint pkey_mt_events; update mt_events set seq_id = 3 where seq_id = 6", "another event has the same position", 1 },
    };

    public static TheoryData<string, string, long> OfMessageDb { get; } = new()
    {
        { "delete from messages where position = 7", "which does not follow 7", 40 },
        { "delete from messages where position = 0", "the first one left of its stream, and has the version 2", 40 },
        { "update messages set position = position - 2", "the first one is 1", 80 },
        { "update messages set global_position = -global_position where position = 0", "below 1", 40 },
        { "update messages set stream_name = '-' || stream_name where stream_name = 'account-7'", "no category before its first hyphen", 25 },
        { "update messages set stream_name = '' where stream_name = 'account-7'", "is not empty", 25 },
        { "update messages set stream_name = repeat('x', 501) where stream_name = 'account-7'", "has at most 500 characters", 25 },
        { "update messages set type = repeat('x', 201) where stream_name = 'account-7'", "more than 200 characters", 25 },
        { "update messages set metadata = '[]' where stream_name = 'account-7'", "not an object", 25 },
        { "update messages set metadata = '7' where stream_name = 'account-7'", "not an object", 25 },
        { "update messages set id = '00000000-0000-0000-0000-000000000000' where global_position = 82", "its id is empty", 1 },
        { "update messages set time = 'infinity' where global_position = 82", "its time is infinite", 1 },
        { "update messages set data = jsonb_build_object('x', repeat('x', 2000)) where global_position = 82", "this store takes 2,000", 1 },
        { "update messages set metadata = ('{\"a\": ' || repeat('[', 300) || repeat(']', 300) || '}')::jsonb where global_position = 82", "not one JSON value", 1 },
    };

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [MemberData(nameof(OfMarten))]
    public async Task What_does_not_fit_of_Marten_is_found_and_refused(string spoil, string says, long count)
    {
        await using var marten = await MartenDatabase.CreateAsync();
        await marten.FillAsync();
        await marten.ExecuteAsync(spoil);

        var source = await marten.OpenAsync();
        await VerifyAsync(marten.Ours, source, target => source.CheckAsync(target: target, cancellationToken: Cancellation), says, count);
    }

    [Theory]
    [MemberData(nameof(OfMessageDb))]
    public async Task What_does_not_fit_of_Message_DB_is_found_and_refused(string spoil, string says, long count)
    {
        await using var messages = await MessageDbDatabase.CreateAsync();
        await messages.FillAsync();
        await messages.ExecuteAsync(spoil);

        var source = await messages.OpenAsync();
        await VerifyAsync(messages.Ours, source, target => source.CheckAsync(target: target, cancellationToken: Cancellation), says, count);
    }

    [Fact]
    public async Task A_name_that_a_function_spoils_is_found_too()
    {
        await using var marten = await MartenDatabase.CreateAsync();
        await marten.FillAsync();

        foreach (var (configure, says, count) in new (Action<MartenSourceOptions>, string, long)[]
        {
            (options => options.StreamName = stream => stream.Type, "another stream of the source comes to the name", 38),
            (options => options.StreamName = stream => stream.Id + "\0", "U+0000", 1_000),
            (options => options.StreamName = stream => stream.Id + "\uD800", "lone surrogate", 1_000),
            (options => options.StreamName = _ => "", "is not empty", 1_000),
            (options => options.TypeName = type => null!, "is empty or has more", 1_000),
            (options => options.TypeName = type => type.Alias + "\0", "U+0000", 1_000),
        })
        {
            var source = await marten.OpenAsync(configure);
            await VerifyAsync(marten.Ours, source, target => source.CheckAsync(target: target, cancellationToken: Cancellation), says, count);
        }
    }

    [Fact]
    public async Task What_fits_is_imported_and_ids_that_repeat_are_told_of()
    {
        await using var marten = await MartenDatabase.CreateAsync();
        await marten.FillAsync();
        await marten.ExecuteAsync($"update mt_events set id = '{Stream}' where seq_id in (3, 6, 9)");
        var source = await marten.OpenAsync();

        var report = await source.CheckAsync(cancellationToken: Cancellation);
        await marten.Ours.Store.RestoreAsync(source, cancellationToken: Cancellation);

        report.Fits.Should().BeTrue();
        report.Notes.Single().Should().StartWith("1 event ids are there more than once");
        (await marten.Ours.LogAsync()).Should().HaveCount(1_000).And.Equal(await source.ReadAsync(default, Cancellation).TextsAsync());
    }

    private static async Task VerifyAsync(
        TestDatabase ours, ILogSource source, Func<PostgreSqlOptions, Task<MigrationReport>> check, string says, long count)
    {
        var store = ours.NewStore(maxEventBytes: 2_000);

        var report = await check(new PostgreSqlOptions { MaxEventBytes = 2_000 });
        var import = () => store.RestoreAsync(source, cancellationToken: Cancellation);

        report.Fits.Should().BeFalse();
        var finding = report.Findings[0];
        finding.Places[0].Should().Contain(says);
        finding.Places.Should().HaveCount((int)Math.Min(finding.Count, 5));
        report.Findings.Sum(found => found.Count).Should().Be(count);
        report.ToString().Should().Contain("It does not fit:").And.Contain(finding.Places[0]);
        (await import.Should().ThrowAsync<ArgumentException>()).Which.Message.Should().Be(finding.Places[0]);
        (await ours.ScalarAsync<long>("select count(*) from {schema}.log")).Should().Be(0);
    }
}
