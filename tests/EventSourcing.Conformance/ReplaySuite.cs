using System.Text;
using Xunit;

namespace EventSourcing.Conformance;

/// <summary>Handing a stream's events to a fold.</summary>
public abstract class ReplaySuite : StoreSuite
{
    [Theory]
    [InlineData(0, 7)]
    [InlineData(3, 4)]
    [InlineData(7, 0)]
    [InlineData(100, 0)]
    public async Task Events_come_in_order_and_as_they_were_written(long after, int count)
    {
        var written = Enumerable.Range(1, 7).Select(i => NewEvent($"type-ü-{i % 3}", $"\"{new string((char)('a' + i), i % 2 == 0 ? 3 : 20_000 + i)}\"", """{"a":1}""")).ToArray();
        await AppendAsync("other-1", ExpectedVersion.NoStream, NewEvents(2));
        await AppendAsync("order-1", ExpectedVersion.NoStream, written);
        var seen = new List<(StreamName, long, long, string, string)>();

        await Store.ReplayAsync(
            "order-1",
            new StreamVersion(after),
            replayed => seen.Add((replayed.Stream, replayed.Version.Value, replayed.Position.Value, replayed.Type, Encoding.UTF8.GetString(replayed.Data))),
            Cancellation);

        var read = await ReadAsync("order-1", new StreamReadOptions { From = new StreamVersion(after + 1) });
        Assert.Equal(read.Select(e => (e.Stream, e.Version.Value, e.Position.Value, e.Type, Encoding.UTF8.GetString(e.Data.Span))), seen);
        Assert.Equal(written.Skip((int)after).Select(e => Encoding.UTF8.GetString(e.Data.Span)), seen.Select(e => e.Item5));
        Assert.Equal(count, seen.Count);
    }

    [Fact]
    public async Task A_stream_that_does_not_exist_has_nothing_to_replay() =>
        await Store.ReplayAsync("order-1", StreamVersion.None, _ => Assert.Fail("There is no event."), Cancellation);

    [Fact]
    public async Task What_the_handler_throws_ends_the_replay()
    {
        await AppendAsync("order-1", ExpectedVersion.NoStream, NewEvents(5));
        var seen = 0;

        var thrown = await Assert.ThrowsAsync<IOException>(() => Store.ReplayAsync(
            "order-1",
            StreamVersion.None,
            _ =>
            {
                if (++seen == 2)
                {
                    // What a lost connection may look like too: it must not be taken for one.
                    throw new IOException("mine");
                }
            },
            Cancellation));

        Assert.Equal(("mine", 2), (thrown.Message, seen));
    }

    [Fact]
    public async Task It_can_be_cancelled_in_the_middle()
    {
        await AppendAsync("order-1", ExpectedVersion.NoStream, NewEvents(100));
        using var stop = new CancellationTokenSource();
        var seen = 0;

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Store.ReplayAsync(
            "order-1",
            StreamVersion.None,
            _ =>
            {
                if (++seen == 3)
                {
                    stop.Cancel();
                }
            },
            stop.Token));

        Assert.Equal(3, seen);
    }

    [Fact]
    public async Task Bad_input_is_refused()
    {
        await Assert.ThrowsAsync<ArgumentNullException>(() => Store.ReplayAsync("order-1", StreamVersion.None, null!, Cancellation));
        await Assert.ThrowsAsync<InvalidOperationException>(() => Store.ReplayAsync(default, StreamVersion.None, _ => { }, Cancellation));
    }
}
