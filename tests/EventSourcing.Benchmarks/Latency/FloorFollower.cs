using Npgsql;

namespace EventSourcing.Benchmarks;

/// <summary>By hand: LISTEN, and a SELECT of what is new for each notification. It skips events as soon as two write at a time.</summary>
internal sealed class FloorFollower(NpgsqlDataSource dataSource, string schema) : IFollower
{
    public async Task FollowAsync(long after, Action onReady, Action<long> onEvent, CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        await using (var listen = new NpgsqlCommand($"listen {schema}", connection))
        {
            await listen.ExecuteNonQueryAsync(cancellationToken);
        }

        await using var select = new NpgsqlCommand($"select position, data from {schema}.latency_floor where position > $1 order by position", connection);
        var last = new NpgsqlParameter<long>();
        select.Parameters.Add(last);
        await select.PrepareAsync(cancellationToken);
        var isReady = false;
        while (true)
        {
            last.TypedValue = after;
            await using (var rows = await select.ExecuteReaderAsync(cancellationToken))
            {
                while (await rows.ReadAsync(cancellationToken))
                {
                    after = rows.GetInt64(0);
                    _ = rows.GetFieldValue<byte[]>(1);
                    onEvent(after);
                }
            }

            if (!isReady)
            {
                isReady = true;
                onReady();
            }

            await connection.WaitAsync(cancellationToken);
        }
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
