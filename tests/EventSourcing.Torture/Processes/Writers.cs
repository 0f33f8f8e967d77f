namespace EventSourcing.Torture;

/// <summary>Writers that append in all ways, as long as they are let.</summary>
/// <param name="appender">Appends.</param>
/// <param name="options">What they write.</param>
/// <param name="others">Who writes in another way, for as long.</param>
internal sealed class Writers(RecordingAppender appender, ChildOptions options, IReadOnlyList<Func<Random, CancellationToken, Task>> others) : IDisposable
{
    private CancellationTokenSource stop = new();
    private Task writing = Task.CompletedTask;
    private long appended;

    public void Start(int writers)
    {
        stop.Dispose();
        stop = new CancellationTokenSource();
        var token = stop.Token;
        Func<Random, CancellationToken, Task>[] all = [.. Enumerable.Repeat<Func<Random, CancellationToken, Task>>(WriteAsync, writers), .. others];
        writing = Task.WhenAll(all.Select((write, i) => Task.Run(() => write(new Random((options.Seed * 31) + i), token), CancellationToken.None)));
    }

    /// <summary>Ends the writers; says how many appends were acknowledged.</summary>
    public async Task<long> StopAsync()
    {
        await stop.CancelAsync();
        await writing;
        return Interlocked.Read(ref appended);
    }

    public void Dispose() => stop.Dispose();

    private async Task WriteAsync(Random random, CancellationToken stopping)
    {
        var requests = new RequestMaker(random, options);
        while (!stopping.IsCancellationRequested)
        {
            var (request, append) = (requests.Next(), Guid.NewGuid());
            if (random.Next(100) < options.InTransactions)
            {
                var pause = TimeSpan.FromMilliseconds(random.Next(100) < 3 ? 1_000 : random.Next(100));
                Note(await appender.AppendInTransactionAsync(request, append, pause, isRolledBack: random.Next(100) < 30));
                continue;
            }

            var ended = await appender.AppendAsync(request, append, cancellationToken: CancellationToken.None);
            var isRepeatable = request.Streams.All(part => part.Expected.IsExact);

            // What is exact may be sent again until it is known what became of it, and even where that is known.
            for (var attempt = 2; isRepeatable && !stopping.IsCancellationRequested && (ended.Outcome == AppendOutcome.Unknown || (attempt == 2 && random.Next(100) < 5)); attempt++)
            {
                await Task.Delay(ended.Outcome == AppendOutcome.Unknown ? 50 : 0, CancellationToken.None);
                ended = await appender.AppendAsync(request, append, attempt, CancellationToken.None);
            }

            Note(ended);
            if (ended.Outcome is AppendOutcome.NotStored or AppendOutcome.Unknown)
            {
                await Task.Delay(50, CancellationToken.None);
            }

            await Task.Delay(random.Next(options.WriterPause), CancellationToken.None);

            void Note(AppendEnded answer)
            {
                requests.Learn(request, answer);
                if (answer.Outcome == AppendOutcome.Stored)
                {
                    Interlocked.Increment(ref appended);
                }
            }
        }
    }
}
