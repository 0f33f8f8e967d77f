namespace EventSourcing.PostgreSql;

/// <summary>What Message DB has stored is here as it was there.</summary>
public sealed class MessageDbSourceTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Messages_come_over_with_their_places_ids_times_and_metadata()
    {
        await using var messages = await MessageDbDatabase.CreateAsync();
        await messages.ExecuteAsync("""
            insert into messages (global_position, position, time, stream_name, type, data, metadata, id) values
              (2, 0, '2020-02-29 12:00:00.000001', 'account-123+456', 'Opened', '{"b": 1, "a": "ü"}', '{"correlationStreamName": "signup-7", "causationMessageStreamName": "account:command-123", "causationMessagePosition": 4, "causationMessageGlobalPosition": 1, "schemaVersion": "2"}', '00000000-0000-0000-0000-000000000001'),
              (3, 0, '1999-12-31 23:59:59.999999', 'account:position-projector', 'Recorded', null, null, '00000000-0000-0000-0000-000000000002'),
              (7, 1, '2020-03-01 00:00:00', 'account-123+456', 'Deposited', 'null', 'null', '00000000-0000-0000-0000-000000000003'),
              (8, 2, '2020-03-01 00:00:01', 'account-123+456', 'Deposited', '[]', '{"correlationId": "mine", "causationId": null, "correlationStreamName": "signup-7"}', '00000000-0000-0000-0000-000000000004');
            """);
        var source = await messages.OpenAsync();

        var report = await source.CheckAsync(cancellationToken: Cancellation);
        var reached = await messages.Ours.Store.RestoreAsync(source, cancellationToken: Cancellation);

        (report.Fits, report.Events, report.Streams).Should().Be((true, 4, 2));
        reached.Should().Be(new RestoreProgress(4, new LogPosition(8), new LogPosition(8)));
        var log = await messages.Ours.LogAsync();
        log.Should().HaveCount(4);
        log[0].Should().StartWith("""2 account-123+456 1 00000000-0000-0000-0000-000000000001 Opened 2020-02-29T12:00:00.0000010+00:00 {"a": "ü", "b": 1} {"correlationId":"signup-7","causationId":"account:command-123/4",""");
        log[0].Should().ContainAll("\"schemaVersion\":\"2\"", "\"causationMessageGlobalPosition\":1", "\"correlationStreamName\":\"signup-7\"");
        log[1].Should().Be("3 account:position-projector 1 00000000-0000-0000-0000-000000000002 Recorded 1999-12-31T23:59:59.9999990+00:00 {} ");
        log[2].Should().Be("7 account-123+456 2 00000000-0000-0000-0000-000000000003 Deposited 2020-03-01T00:00:00.0000000+00:00 null ");
        log[3].Should().StartWith("8 account-123+456 3 ").And.ContainAll("\"correlationId\":\"mine\"", "\"causationId\":null");
        (await messages.Ours.StreamsAsync("account-123+456", "account:position-projector")).Should().Equal(log[0], log[2], log[3], log[1]);
    }

    [Fact]
    public async Task Commands_are_left_out_and_types_are_called_otherwise_where_the_functions_say_so()
    {
        await using var messages = await MessageDbDatabase.CreateAsync();
        await messages.ExecuteAsync("""
            insert into messages (position, stream_name, type, data) values (0, 'account:command-1', 'Open', '{}'), (0, 'account-1', 'Opened', '{}');
            """);
        var names = new Dictionary<string, string>();
        var source = await messages.OpenAsync(options =>
        {
            options.StreamName = name => name.Contains(":command", StringComparison.Ordinal) ? null : name;
            options.TypeName = type => names[type];
        });

        var failing = () => source.CheckAsync(cancellationToken: Cancellation);
        await failing.Should().ThrowAsync<KeyNotFoundException>("the function is the user's own, and so are its failures");
        names["Opened"] = "account-opened";
        var report = await source.CheckAsync(cancellationToken: Cancellation);
        await messages.Ours.Store.RestoreAsync(source, cancellationToken: Cancellation);

        (report.LeftOut, report.Types.Single()).Should().Be((1, new MigratedType("Opened", "account-opened", 1, null)));
        (await messages.Ours.LogAsync()).Single().Should().StartWith("2 account-1 1 ").And.Contain(" account-opened ");
    }

    [Fact]
    public async Task What_is_no_Message_DB_is_told_before_anything_else()
    {
        await using var messages = await MessageDbDatabase.CreateAsync();
        var elsewhere = () => MessageDbSource.OpenAsync(messages.DataSource, cancellationToken: Cancellation);

        (await elsewhere.Should().ThrowAsync<InvalidOperationException>()).WithMessage("*no table messages in the schema 'message_store'*");
    }
}
