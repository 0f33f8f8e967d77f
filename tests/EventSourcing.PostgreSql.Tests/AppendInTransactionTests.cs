namespace EventSourcing.PostgreSql;

public sealed class AppendInTransactionTests(TestDatabase database) : IClassFixture<TestDatabase>
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Events_share_the_fate_of_the_callers_transaction(bool isCommitted)
    {
        var stream = StreamName.For("order", Guid.NewGuid());
        await using (var connection = await database.DataSource.OpenConnectionAsync(Cancellation))
        {
            await using var transaction = await connection.BeginTransactionAsync(Cancellation);
            await database.Store.AppendAsync(Events.To(stream, ExpectedVersion.NoStream, Events.New()), transaction, Cancellation);
            if (isCommitted)
            {
                await transaction.CommitAsync(Cancellation);
            }
        }

        var count = await database.Store.ReadStreamAsync(stream, cancellationToken: Cancellation).CountAsync(Cancellation);
        count.Should().Be(isCommitted ? 1 : 0);
    }

    [Fact]
    public async Task A_conflict_leaves_the_transaction_usable()
    {
        var stream = StreamName.For("order", Guid.NewGuid());
        await using var connection = await database.DataSource.OpenConnectionAsync(Cancellation);
        await using var transaction = await connection.BeginTransactionAsync(Cancellation);
        var atThree = () => database.Store.AppendAsync(Events.To(stream, ExpectedVersion.At(3), Events.New()), transaction, Cancellation);
        await atThree.Should().ThrowAsync<ConcurrencyConflictException>();

        var appended = await database.Store.AppendAsync(Events.To(stream, ExpectedVersion.NoStream, Events.New()), transaction, Cancellation);
        await transaction.CommitAsync(Cancellation);

        appended.Streams[0].Version.Should().Be(new StreamVersion(1));
    }

    [Fact]
    public async Task A_check_for_no_stream_keeps_others_from_creating_it_until_the_commit()
    {
        var watched = StreamName.For("watched", Guid.NewGuid());
        await using var connection = await database.DataSource.OpenConnectionAsync(Cancellation);
        await using var transaction = await connection.BeginTransactionAsync(Cancellation);
        await database.Store.AppendAsync(
            new AppendRequest(
                new StreamAppend(watched, ExpectedVersion.NoStream, []),
                new StreamAppend(StreamName.For("order", Guid.NewGuid()), ExpectedVersion.NoStream, [Events.New()])),
            transaction,
            Cancellation);

        var rival = database.Store.AppendAsync(watched, ExpectedVersion.NoStream, [Events.New()], Cancellation);
        await Task.Delay(200, Cancellation);
        rival.IsCompleted.Should().BeFalse();
        await transaction.CommitAsync(Cancellation);

        (await rival.WaitAsync(TimeSpan.FromSeconds(30), Cancellation)).Streams[0].Version.Should().Be(new StreamVersion(1));
        (await database.ScalarAsync<long>("select count(*) from {schema}.streams where version = 0")).Should().Be(0);
    }
}
