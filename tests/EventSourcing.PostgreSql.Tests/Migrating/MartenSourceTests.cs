using Npgsql;

namespace EventSourcing.PostgreSql;

/// <summary>What Marten has stored is here as it was there.</summary>
public sealed class MartenSourceTests
{
    private const string One = "00000000-0000-0000-0000-0000000000a1";
    private const string Two = "00000000-0000-0000-0000-0000000000b2";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Events_come_over_with_their_places_ids_times_and_metadata()
    {
        await using var marten = await MartenDatabase.CreateAsync();
        await marten.ExecuteAsync($$$"""
            insert into mt_streams (id, type, version) values ('{{{One}}}', 'order', 2), ('{{{Two}}}', 'quest_party', 1);
            insert into mt_events (seq_id, id, stream_id, version, data, type, timestamp, mt_dotnet_type, correlation_id, causation_id, user_name, headers) values
              (4, '00000000-0000-0000-0000-000000000001', '{{{One}}}', 1, '{"b": 1, "a": "ü🎉"}', 'order_placed', '2020-02-29 12:00:00.000001+02', 'Shop.OrderPlaced, Shop', 'c-1', 'k-1', 'ada', '{"region": "eu", "retries": 2}'),
              (5, '00000000-0000-0000-0000-000000000002', '{{{Two}}}', 1, '[1, null]', 'quest_started', '1999-12-31 23:59:59.999999+00', 'Shop.QuestStarted, Shop', null, null, null, null),
              (9, '00000000-0000-0000-0000-000000000003', '{{{One}}}', 2, '"text"', 'line_added', '2020-03-01 00:00:00+00', null, null, null, null, '{}');
            """);
        var source = await marten.OpenAsync();

        var report = await source.CheckAsync(cancellationToken: Cancellation);
        var reached = await marten.Ours.Store.RestoreAsync(source, cancellationToken: Cancellation);

        report.Fits.Should().BeTrue();
        (report.Events, report.Streams, report.LeftOut, report.Position).Should().Be((3, 2, 0, new LogPosition(9)));
        reached.Should().Be(new RestoreProgress(3, new LogPosition(9), new LogPosition(9)));
        string[] all =
        [
            $$"""4 order-{{One}} 1 00000000-0000-0000-0000-000000000001 order_placed 2020-02-29T10:00:00.0000010+00:00 {"a": "ü🎉", "b": 1} {"correlationId":"c-1","causationId":"k-1","actor":"ada","marten.dotnetType":"Shop.OrderPlaced, Shop","region":"eu","retries":2}""",
            $$"""5 quest_party-{{Two}} 1 00000000-0000-0000-0000-000000000002 quest_started 1999-12-31T23:59:59.9999990+00:00 [1, null] {"marten.dotnetType":"Shop.QuestStarted, Shop"}""",
            $"""9 order-{One} 2 00000000-0000-0000-0000-000000000003 line_added 2020-03-01T00:00:00.0000000+00:00 "text" """,
        ];
        (await marten.Ours.LogAsync()).Should().Equal(all);
        (await marten.Ours.StreamsAsync($"order-{One}", $"quest_party-{Two}")).Should().Equal(all[0], all[2], all[1]);
        var first = await marten.Ours.Store.ReadStreamAsync($"order-{One}", cancellationToken: Cancellation).FirstAsync(Cancellation);
        var metadata = new EventSerializer(new EventTypeRegistry().Add<OrderPlaced>("order_placed")).Deserialize(first).Metadata;
        (metadata.CorrelationId, metadata.CausationId, metadata.Actor, metadata.Custom["retries"]).Should().Be(("c-1", "k-1", "ada", "2"));
    }

    [Fact]
    public async Task Appends_go_on_behind_what_was_imported()
    {
        await using var marten = await MartenDatabase.CreateAsync(id: "varchar");
        await marten.ExecuteAsync($$"""
            insert into mt_streams (id, type, version) values ('order-1', 'order', 1);
            insert into mt_events (seq_id, id, stream_id, version, data, type) values (7, '{{One}}', 'order-1', 1, '{}', 'order_placed');
            """);
        await marten.Ours.Store.RestoreAsync(await marten.OpenAsync(), cancellationToken: Cancellation);

        var stale = () => marten.Ours.Store.AppendAsync(Events.To("order-1", ExpectedVersion.NoStream, Events.New()), Cancellation);
        await stale.Should().ThrowAsync<ConcurrencyConflictException>();
        var appended = await marten.Ours.Store.AppendAsync(Events.To("order-1", ExpectedVersion.At(1), Events.New()), Cancellation);

        appended.Position.Value.Should().BeGreaterThan(7);
    }

    [Fact]
    public async Task Streams_and_types_are_called_as_their_functions_say()
    {
        await using var marten = await MartenDatabase.CreateAsync(id: "varchar");
        await marten.ExecuteAsync($$"""
            insert into mt_streams (id, type, version) values ('1', 'order', 2), ('2', null, 1), ('3', 'cart', 1);
            insert into mt_events (seq_id, id, stream_id, version, data, type, mt_dotnet_type) values
              (1, gen_random_uuid(), '1', 1, '{}', 'created', 'Shop.Orders+Created, Shop'),
              (2, gen_random_uuid(), '2', 1, '{}', 'created', 'Shop.Users+Created, Shop'),
              (3, gen_random_uuid(), '3', 1, '{}', 'created', 'Shop.Carts+Created, Shop'),
              (4, gen_random_uuid(), '1', 2, '{}', 'created', 'Shop.Orders+Created, Shop');
            """);
        var source = await marten.OpenAsync(options =>
        {
            options.StreamName = stream => stream.Type == "cart" ? null : $"{stream.Type ?? "user"}-{stream.Id}";
            options.TypeName = type => type.DotNetType!.Contains("Orders", StringComparison.Ordinal) ? "order-created" : "user-created";
        });

        var report = await source.CheckAsync(new EventTypeRegistry().Add<OrderPlaced>("order-created"), cancellationToken: Cancellation);
        await marten.Ours.Store.RestoreAsync(source, cancellationToken: Cancellation);

        (report.Fits, report.Events, report.LeftOut).Should().Be((true, 3, 1));
        report.Types.Should().Equal(new MigratedType("created", "order-created", 2, true), new MigratedType("created", "user-created", 1, false));
        report.UnknownTypes.Single().StoredName.Should().Be("user-created");
        (await marten.Ours.LogAsync()).Select(text => string.Join(' ', text.Split(' ')[..3].Append(text.Split(' ')[4])))
            .Should().Equal("1 order-1 1 order-created", "2 user-2 1 user-created", "4 order-1 2 order-created");
    }

    [Fact]
    public async Task Two_tenants_may_have_a_stream_of_one_id()
    {
        await using var marten = await MartenDatabase.CreateAsync(isConjoined: true);
        await marten.ExecuteAsync($$"""
            insert into mt_streams (tenant_id, id, type, version) values ('red', '{{One}}', 'order', 1), ('blue', '{{One}}', 'offer', 2);
            insert into mt_events (seq_id, id, stream_id, version, data, type, tenant_id) values
              (1, gen_random_uuid(), '{{One}}', 1, '{}', 'a', 'red'), (2, gen_random_uuid(), '{{One}}', 1, '{}', 'b', 'blue'), (3, gen_random_uuid(), '{{One}}', 2, '{}', 'c', 'blue');
            """);
        var same = await marten.OpenAsync(options => options.StreamName = stream => $"order-{stream.Id}");
        var apart = await marten.OpenAsync(options => options.StreamName = stream => $"{stream.Type}-{stream.TenantId}/{stream.Id}");
        var blue = await marten.OpenAsync(options => options.StreamName = stream => stream.TenantId == "blue" ? stream.DefaultName : null);

        var report = await same.CheckAsync(cancellationToken: Cancellation);
        report.Findings.Single().Count.Should().Be(1);
        report.Findings.Single().Places.Single().Should().Contain("position 2").And.Contain("of blue").And.Contain("StreamName");
        (await blue.ReadAsync(default, Cancellation).TextsAsync()).Select(text => text.Split(' ')[1]).Should().Equal($"offer-{One}", $"offer-{One}");
        await marten.Ours.Store.RestoreAsync(apart, cancellationToken: Cancellation);

        (await marten.Ours.LogAsync()).Select(text => text.Split(' ')[1]).Should().Equal($"order-red/{One}", $"offer-blue/{One}", $"offer-blue/{One}");
        (await marten.Ours.LogAsync())[1].Should().EndWith("""{"marten.tenant":"blue"}""");
    }

    [Fact]
    public async Task Archived_streams_come_over_or_are_left_out()
    {
        await using var marten = await MartenDatabase.CreateAsync(id: "varchar", isArchivedApart: true);
        await marten.ExecuteAsync("""
            insert into mt_streams (id, type, version, is_archived) values ('order-1', 'old', 1, true), ('order-1', 'new', 1, false), ('order-2', null, 1, false);
            insert into mt_events (seq_id, id, stream_id, version, data, type, is_archived) values
              (1, gen_random_uuid(), 'order-1', 1, '{}', 'a', true), (2, gen_random_uuid(), 'order-1', 1, '{}', 'b', false), (3, gen_random_uuid(), 'order-2', 1, '{}', 'c', false);
            """);
        var same = await marten.OpenAsync();
        var apart = await marten.OpenAsync(options => options.StreamName = stream => stream.IsArchived ? $"{stream.Id}/{stream.Type}" : stream.Id);
        var open = await marten.OpenAsync(options => options.StreamName = stream => stream.IsArchived ? null : stream.DefaultName);

        var report = await same.CheckAsync(cancellationToken: Cancellation);
        report.Findings.Single().Places.Single().Should().Contain("position 2");
        report.Notes.Should().ContainSingle(note => note.StartsWith("1 of the events are of archived streams", StringComparison.Ordinal));
        (await open.ReadAsync(default, Cancellation).TextsAsync()).Select(text => text[..11]).Should().Equal("2 order-1 1", "3 order-2 1");
        await marten.Ours.Store.RestoreAsync(apart, cancellationToken: Cancellation);

        (await marten.Ours.LogAsync()).Select(text => text.Split(' ')[1]).Should().Equal("order-1/old", "order-1", "order-2");
        (await marten.Ours.LogAsync())[0].Should().EndWith("""{"marten.archived":"true"}""");
    }

    [Fact]
    public async Task Tombstones_are_left_out_and_an_event_of_that_name_is_not()
    {
        await using var marten = await MartenDatabase.CreateAsync(id: "varchar");
        await marten.ExecuteAsync("""
            insert into mt_streams (id, type, version) values ('mt_tombstone', null, 0), ('grave-1', 'grave', 2);
            insert into mt_events (seq_id, id, stream_id, version, data, type, mt_dotnet_type) values
              (1, gen_random_uuid(), 'grave-1', 1, '{}', 'dug', 'Yard.Dug, Yard'),
              (2, gen_random_uuid(), 'mt_tombstone', 2, '{}', 'tombstone', 'JasperFx.Events.Tombstone, JasperFx.Events'),
              (5, gen_random_uuid(), 'grave-1', 2, '{}', 'tombstone', 'Yard.Tombstone, Yard'),
              (6, gen_random_uuid(), 'mt_tombstone', 6, '{}', 'tombstone', 'Marten.Events.Operations.Tombstone, Marten');
            """);
        var source = await marten.OpenAsync();

        var report = await source.CheckAsync(cancellationToken: Cancellation);
        await marten.Ours.Store.RestoreAsync(source, cancellationToken: Cancellation);

        (report.Fits, report.Events, report.LeftOut, report.Streams).Should().Be((true, 2, 2, 1));
        (await marten.Ours.LogAsync()).Select(text => text[..11]).Should().Equal("1 grave-1 1", "5 grave-1 2");
    }

    [Fact]
    public async Task A_compacted_stream_begins_with_its_summary()
    {
        await using var marten = await MartenDatabase.CreateAsync(id: "varchar");
        await marten.ExecuteAsync("""
            insert into mt_streams (id, type, version) values ('order-1', 'order', 8), ('order-2', 'order', 1);
            insert into mt_events (seq_id, id, stream_id, version, data, type, mt_dotnet_type) values
              (20, gen_random_uuid(), 'order-2', 1, '{}', 'placed', 'Shop.Placed, Shop'),
              (21, gen_random_uuid(), 'order-1', 7, '{"Snapshot": {}}', 'compacted', 'JasperFx.Events.Compacted`1[[Shop.Order, Shop]], JasperFx.Events'),
              (22, gen_random_uuid(), 'order-1', 8, '{}', 'placed', 'Shop.Placed, Shop');
            """);
        var source = await marten.OpenAsync();

        var report = await source.CheckAsync(cancellationToken: Cancellation);
        await marten.Ours.Store.RestoreAsync(source, cancellationToken: Cancellation);

        (report.Fits, report.Notes.Single()).Should().Be((true, "1 streams were compacted: they begin with the event that stands for all before it, at its version."));
        (await source.ReadStreamsAsync(Cancellation).SingleAsync(Cancellation)).Should().Be(
            new StreamInfo("order-1", new StreamVersion(8), new StreamVersion(7), StreamState.Open) { StandIn = StreamStandIn.Summary });
        (await marten.Ours.LogAsync()).Select(text => text[..12]).Should().Equal("20 order-2 1", "21 order-1 7", "22 order-1 8");
        await marten.Ours.Store.AppendAsync(Events.To("order-1", ExpectedVersion.At(8), Events.New()), Cancellation);
    }

    [Fact]
    public async Task Columns_that_are_not_there_are_not_missed_and_unknown_ones_are_kept()
    {
        await using var marten = await MartenDatabase.CreateAsync(hasMetadata: false, moreColumns: "is_skipped boolean, \"odd 'name\" varchar,");
        await marten.ExecuteAsync($$"""
            alter table mt_events drop column mt_dotnet_type, drop column is_archived;
            alter table mt_streams drop column is_archived, drop column snapshot, drop column snapshot_version;
            alter table mt_events alter column version type integer;
            insert into mt_events (seq_id, id, stream_id, version, data, type, is_skipped, "odd 'name") values
              (1, '{{Two}}', '{{One}}', 1, '{}', 'a', true, 'x'), (2, '{{One}}', '{{One}}', 2, '{}', 'b', null, null);
            """);
        var source = await marten.OpenAsync();

        var report = await source.CheckAsync(cancellationToken: Cancellation);
        await marten.Ours.Store.RestoreAsync(source, cancellationToken: Cancellation);

        report.Notes.Single().Should().Contain("is_skipped, odd 'name");
        var texts = await marten.Ours.LogAsync();
        texts[0].Should().StartWith($"1 stream-{One} 1 {Two} a ").And.EndWith("""{} {"marten.columns":{"odd 'name": "x", "is_skipped": true}}""");
        texts[1].Should().StartWith($"2 stream-{One} 2 ").And.EndWith(" {} ");
    }

    [Theory]
    [InlineData("""{"correlationId": "h", "actor": {"id": 1}, "marten.header.correlationId": 5, "traceparent": "t"}""",
        """{"correlationId":"c","actor":{"id": 1},"traceparent":"t","marten.header.correlationId":"h","marten.header.marten.header.correlationId":5}""")]
    [InlineData("[1, 2]", """{"correlationId":"c","marten.headers":[1, 2]}""")]
    [InlineData("null", """{"correlationId":"c"}""")]
    [InlineData("""{"a": null, "": [{"b": "\""}]}""", """{"correlationId":"c","":[{"b": "\""}],"a":null}""")]
    public async Task No_header_is_lost(string headers, string expected)
    {
        await using var marten = await MartenDatabase.CreateAsync();
        await marten.ExecuteAsync($"insert into mt_events (seq_id, id, stream_id, version, data, type, correlation_id, headers) values (1, '{Two}', '{One}', 1, '{{}}', 'a', 'c', '{headers}')");

        var recorded = await (await marten.OpenAsync()).ReadAsync(default, Cancellation).SingleAsync(Cancellation);

        System.Text.Json.Nodes.JsonNode.DeepEquals(System.Text.Json.Nodes.JsonNode.Parse(recorded.Metadata.Span), System.Text.Json.Nodes.JsonNode.Parse(expected)).Should().BeTrue(System.Text.Encoding.UTF8.GetString(recorded.Metadata.Span));
    }

    [Fact]
    public async Task An_empty_source_gives_an_empty_log()
    {
        await using var marten = await MartenDatabase.CreateAsync();
        var source = await marten.OpenAsync();

        (await source.CheckAsync(cancellationToken: Cancellation)).ToString().Should().Contain("0 events of 0 streams up to position 0 of 0").And.Contain("It fits.");
        await marten.Ours.Store.RestoreAsync(source, cancellationToken: Cancellation);
        await marten.Ours.Store.AppendAsync(Events.To("order-1", ExpectedVersion.NoStream, Events.New()), Cancellation);
    }

    [Fact]
    public async Task What_is_no_Marten_database_is_told_before_anything_else()
    {
        await using var marten = await MartenDatabase.CreateAsync();
        var elsewhere = () => MartenSource.OpenAsync(marten.DataSource, new MartenSourceOptions { Schema = "no\"where" }, Cancellation);
        var otherwise = async () =>
        {
            await marten.ExecuteAsync("alter table mt_events drop column seq_id, drop column data");
            await marten.OpenAsync();
        };
        var unnamed = () => marten.OpenAsync(options => options.StreamName = null!);

        (await elsewhere.Should().ThrowAsync<InvalidOperationException>()).WithMessage("*no table mt_events in the schema 'no\"where'*");
        (await otherwise.Should().ThrowAsync<InvalidOperationException>()).WithMessage("*has no column seq_id, data*");
        await unnamed.Should().ThrowAsync<ArgumentNullException>();
    }

    [EventType("order_placed")]
    private sealed record OrderPlaced;
}
