using EventSourcing.PostgreSql;
using Npgsql;

namespace EventSourcing.Crash;

/// <summary>Writers that append for themselves, or within transactions that take their time or are rolled back.</summary>
internal sealed class Load(NpgsqlDataSource dataSource, PostgreSqlEventStore store, int seed) : IDisposable
{
    private CancellationTokenSource stop = new();
    private Task writing = Task.CompletedTask;
    private long appended;

    public void Start(int writers)
    {
        stop.Dispose();
        stop = new CancellationTokenSource();
        var token = stop.Token;
        writing = Task.WhenAll(Enumerable.Range(0, writers).Select(i => Task.Run(() => WriteAsync(new Random((seed * 31) + i), token), CancellationToken.None)));
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
        while (!stopping.IsCancellationRequested)
        {
            try
            {
                var request = NextRequest(random);
                if (random.Next(100) < 12)
                {
                    await AppendInTransactionAsync(request, random);
                }
                else
                {
                    await store.AppendAsync(request, CancellationToken.None);
                }

                Interlocked.Increment(ref appended);
                await Task.Delay(random.Next(15), CancellationToken.None);
            }
            catch (Exception failure) when (failure is EventStoreUnavailableException or AppendOutcomeUnknownException or NpgsqlException)
            {
                await Task.Delay(50, CancellationToken.None);
            }
        }
    }

    private async Task AppendInTransactionAsync(AppendRequest request, Random random)
    {
        await using var connection = await dataSource.OpenConnectionAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        await store.AppendAsync(request, transaction);
        await Task.Delay(random.Next(100) < 3 ? 1_000 : random.Next(100));
        if (random.Next(100) < 30)
        {
            await transaction.RollbackAsync();
        }
        else
        {
            await transaction.CommitAsync();
        }
    }

    private static AppendRequest NextRequest(Random random)
    {
        var streams = Enumerable.Range(0, random.Next(1, 4)).Select(_ => random.Next(Accounts.Count)).Distinct().ToArray();
        return new AppendRequest([.. streams.Select(number => new StreamAppend(
            Accounts.Stream(number),
            ExpectedVersion.Any,
            [.. Enumerable.Range(0, random.Next(1, 4)).Select(_ => Projections.Serializer.Serialize(NextEvent(number, random)))]))]);
    }

    private static object NextEvent(int number, Random random) => random.Next(100) switch
    {
        < 5 when number < Accounts.Closable => new Closed(),
        < 8 => new Cleared($"label-{random.Next(10)}"),
        _ => new Moved(random.Next(-500, 500), [.. Enumerable.Range(0, random.Next(4)).Select(_ => $"label-{random.Next(20)}")]),
    };
}
