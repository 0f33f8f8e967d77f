using System.Diagnostics;
using EventSourcing.PostgreSql;

namespace EventSourcing.Torture;

/// <summary>Readers of streams and of the log, in all ways, as long as they are let; what they are given is written down.</summary>
internal sealed class Readers(PostgreSqlEventStore store, string folder, int seed) : IDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);

    private readonly ReadFile reads = new(folder);
    private readonly CancellationTokenSource stop = new();
    private Task reading = Task.CompletedTask;

    public void Start(int readers) =>
        reading = Task.WhenAll(Enumerable.Range(0, readers).Select(i => Task.Run(() => ReadAsync(new Random((seed * 37) + i)))));

    /// <summary>Lets the reads under way end.</summary>
    public async Task StopAsync()
    {
        await stop.CancelAsync();
        await reading;
    }

    public void Dispose()
    {
        stop.Dispose();
        reads.Dispose();
    }

    private async Task ReadAsync(Random random)
    {
        var after = 0L;
        while (!stop.IsCancellationRequested)
        {
            var how = (ReadDone.Way)random.Next(4);

            // Small ones, whose answer comes at once, and large ones, whose answer can be cut.
            var stream = random.Next(2) == 0 ? Accounts.Stream(random.Next(Accounts.Count)) : ImportLoad.Stream(random.Next(ImportLoad.Streams));
            using var print = new ReadPrint();
            var done = new ReadDone(how, how == ReadDone.Way.Log ? null : stream.Value, Stopwatch.GetTimestamp(), 0) { From = after };
            try
            {
                done = done with { To = await ReadAsync(how, stream, after, print), Count = print.Count };
                done = done with { Print = print.End() };
                after = how == ReadDone.Way.Log ? Next(done.To) : after;
            }
            catch (Exception failure)
            {
                var isDocumented = failure is EventStoreUnavailableException;
                done = done with { Error = isDocumented ? $"{failure.GetType().Name}: {failure.Message}" : failure.ToString(), IsDocumented = isDocumented };
            }

            reads.Write(done with { Ended = Stopwatch.GetTimestamp() });
            await Task.Delay(Pause);
        }

        // Now and then from the beginning, else where the last one ended.
        long Next(long to) => random.Next(10) == 0 ? 0 : to;
    }

    private async Task<long> ReadAsync(ReadDone.Way how, StreamName stream, long after, ReadPrint print)
    {
        var to = after;
        switch (how)
        {
            case ReadDone.Way.Replay:
                await store.ReplayAsync(stream, StreamVersion.None, print.Add);
                break;
            case ReadDone.Way.Log:
                await foreach (var page in store.ReadPagesAsync(new LogReadOptions { After = new LogPosition(after), PageSize = 50 }))
                {
                    foreach (var one in page.Events)
                    {
                        print.Add(one);
                    }

                    to = page.ReadTo.Value;
                }

                break;
            default:
                var direction = how == ReadDone.Way.Backwards ? ReadDirection.Backwards : ReadDirection.Forwards;
                await foreach (var one in store.ReadStreamAsync(stream, new StreamReadOptions { Direction = direction }))
                {
                    print.Add(one);
                }

                break;
        }

        return to;
    }
}
