using Xunit;

namespace EventSourcing.Conformance;

/// <summary>Real rivals: of two appends at one version exactly one is stored, and nothing is half stored.</summary>
public abstract class ConcurrencySuite : StoreSuite
{
    [Fact]
    public async Task Of_many_appends_at_one_version_exactly_one_wins_every_version()
    {
        const int Rivals = 16;
        const int Versions = 25;
        var winners = new object?[Versions];
        await Task.WhenAll(Enumerable.Range(0, Rivals).Select(rival => Task.Run(
            async () =>
            {
                for (var version = 0; version < Versions; version++)
                {
                    var data = NewEvent();
                    try
                    {
                        await AppendAsync("order-1", ExpectedVersion.At(version), data);
                        Assert.Null(Interlocked.CompareExchange(ref winners[version], data.Id, null));
                    }
                    catch (ConcurrencyConflictException conflict)
                    {
                        var violated = Assert.Single(conflict.Conflicts);
                        Assert.NotEqual(violated.Expected.Version, violated.Actual);
                        if (violated.Actual < violated.Expected.Version)
                        {
                            version--;
                            await Task.Yield();
                        }
                    }
                }
            },
            Cancellation))).WaitAsync(Patience, Cancellation);

        Assert.Equal(winners, (await ReadAsync("order-1")).Select(recorded => (object)recorded.Id));
        Assert.Equal(Versions, await HeadAsync());
    }

    [Fact]
    public async Task Appends_to_overlapping_streams_in_any_order_neither_deadlock_nor_tear()
    {
        StreamName[] streams = ["a-1", "b-1", "c-1", "d-1", "e-1"];
        await Task.WhenAll(Enumerable.Range(0, 8).Select(seed => Task.Run(
            async () =>
            {
                var random = new Random(seed);
                for (var i = 0; i < 25; i++)
                {
                    var chosen = streams.OrderBy(_ => random.Next()).Take(3).ToArray();
                    var mark = $$"""{"append":"{{Guid.NewGuid()}}"}""";
                    await AppendAsync([.. chosen.Select(stream => new StreamAppend(stream, ExpectedVersion.Any, [NewEvent(data: mark)]))]);
                }
            },
            Cancellation))).WaitAsync(Patience, Cancellation);

        var log = await ReadLogAsync();
        Assert.Equal(8 * 25 * 3, log.Count);
        Assert.All(log.GroupBy(recorded => Convert.ToHexString(recorded.Data.Span)), append => Assert.Equal(3, append.Count()));
        foreach (var stream in log.GroupBy(recorded => recorded.Stream))
        {
            Assert.Equal(Enumerable.Range(1, stream.Count()).Select(i => (long)i), stream.Select(recorded => recorded.Version.Value));
        }
    }

    [Fact]
    public async Task Exact_appends_over_two_streams_never_both_win()
    {
        const int Rounds = 20;
        for (var round = 0; round < Rounds; round++)
        {
            var (left, right) = (StreamName.For("left", round), StreamName.For("right", round));
            var outcomes = await Task.WhenAll(Enumerable.Range(0, 8).Select(rival => Task.Run(
                async () =>
                {
                    StreamAppend[] parts =
                    [
                        new(left, ExpectedVersion.NoStream, NewEvents(1)),
                        new(right, ExpectedVersion.NoStream, rival % 2 == 0 ? NewEvents(1) : []),
                    ];
                    try
                    {
                        await AppendAsync(rival % 3 == 0 ? parts : [.. parts.Reverse()]);
                        return true;
                    }
                    catch (ConcurrencyConflictException)
                    {
                        return false;
                    }
                },
                Cancellation))).WaitAsync(Patience, Cancellation);

            Assert.Single(outcomes, isStored => isStored);
            Assert.Single(await ReadAsync(left));
        }
    }
}
