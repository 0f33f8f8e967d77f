using Xunit;

namespace EventSourcing.Conformance;

/// <summary>Reading one stream: both ways, from a version, limited.</summary>
public abstract class ReadStreamSuite : StoreSuite
{
    [Theory]
    [InlineData(ReadDirection.Forwards, null, null, new long[] { 1, 2, 3, 4, 5 })]
    [InlineData(ReadDirection.Forwards, 3L, null, new long[] { 3, 4, 5 })]
    [InlineData(ReadDirection.Forwards, 0L, 2, new long[] { 1, 2 })]
    [InlineData(ReadDirection.Forwards, 2L, 3, new long[] { 2, 3, 4 })]
    [InlineData(ReadDirection.Forwards, 5L, 9, new long[] { 5 })]
    [InlineData(ReadDirection.Forwards, 6L, null, new long[0])]
    [InlineData(ReadDirection.Forwards, long.MaxValue, null, new long[0])]
    [InlineData(ReadDirection.Backwards, null, null, new long[] { 5, 4, 3, 2, 1 })]
    [InlineData(ReadDirection.Backwards, null, 1, new long[] { 5 })]
    [InlineData(ReadDirection.Backwards, 3L, null, new long[] { 3, 2, 1 })]
    [InlineData(ReadDirection.Backwards, 4L, 2, new long[] { 4, 3 })]
    [InlineData(ReadDirection.Backwards, 9L, 2, new long[] { 5, 4 })]
    [InlineData(ReadDirection.Backwards, long.MaxValue, 1, new long[] { 5 })]
    [InlineData(ReadDirection.Backwards, 0L, null, new long[0])]
    public async Task A_part_of_a_stream(ReadDirection direction, long? from, int? maxCount, long[] versions)
    {
        await AppendAsync("other-1", ExpectedVersion.NoStream, NewEvents(2));
        await AppendAsync("order-1", ExpectedVersion.NoStream, NewEvents(5));
        var options = new StreamReadOptions
        {
            Direction = direction,
            From = from is { } version ? new StreamVersion(version) : null,
            MaxCount = maxCount,
        };

        var events = await ReadAsync("order-1", options);

        Assert.Equal(versions, events.Select(recorded => recorded.Version.Value));
        Assert.All(events, recorded => Assert.Equal(new StreamName("order-1"), recorded.Stream));
    }

    [Fact]
    public async Task A_stream_that_does_not_exist_reads_as_empty()
    {
        Assert.Empty(await ReadAsync("order-1"));
        Assert.Empty(await ReadAsync("order-1", new StreamReadOptions { Direction = ReadDirection.Backwards }));
    }

    [Fact]
    public async Task Reading_can_be_cancelled_and_begun_again()
    {
        await AppendAsync("order-1", ExpectedVersion.NoStream, NewEvents(100));
        var events = Store.ReadStreamAsync("order-1", cancellationToken: Cancellation);

        Assert.Equal(100, await events.CountAsync(Cancellation));
        Assert.Equal(100, await events.CountAsync(Cancellation));
        using var stop = new CancellationTokenSource();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            await foreach (var recorded in Store.ReadStreamAsync("order-1", cancellationToken: stop.Token))
            {
                await stop.CancelAsync();
            }
        });
    }

    [Fact]
    public async Task Appending_while_reading_is_allowed()
    {
        await AppendAsync("order-1", ExpectedVersion.NoStream, NewEvents(10));
        await foreach (var recorded in Store.ReadStreamAsync("order-1", new StreamReadOptions { MaxCount = 10 }, Cancellation))
        {
            await AppendAsync("copy-1", ExpectedVersion.At(recorded.Version.Value - 1), NewEvent());
        }

        Assert.Equal(10, (await ReadAsync("copy-1")).Count);
    }

    [Fact]
    public async Task A_long_stream_is_read_whole_both_ways()
    {
        await AppendAsync("order-1", ExpectedVersion.NoStream, NewEvents(2_500));
        var versions = Enumerable.Range(1, 2_500).Select(i => (long)i).ToArray();

        var forwards = await ReadAsync("order-1");
        var backwards = await ReadAsync("order-1", new StreamReadOptions { Direction = ReadDirection.Backwards });
        var part = await ReadAsync("order-1", new StreamReadOptions { Direction = ReadDirection.Backwards, From = new StreamVersion(2_400), MaxCount = 2_300 });

        Assert.Equal(versions, forwards.Select(recorded => recorded.Version.Value));
        Assert.Equal(versions.Reverse(), backwards.Select(recorded => recorded.Version.Value));
        Assert.Equal(versions[100..2_400].Reverse(), part.Select(recorded => recorded.Version.Value));
    }

    [Fact]
    public async Task A_cancelled_read_gives_nothing_whether_or_not_the_stream_exists()
    {
        await AppendAsync("order-1", ExpectedVersion.NoStream, NewEvent());
        using var cancelled = new CancellationTokenSource();
        await cancelled.CancelAsync();

        foreach (var stream in new StreamName[] { "order-1", "missing-1" })
        {
            await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
                await Store.ReadStreamAsync(stream, cancellationToken: cancelled.Token).CountAsync(Cancellation));
        }
    }
}
