using Npgsql;

namespace EventSourcing.TestInfrastructure.Tests;

public sealed class PgBouncerTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Clients_share_its_connections_and_find_it_again_after_a_kill()
    {
        await using var cluster = await PostgreSqlServer.StartDedicatedAsync(Cancellation);
        await using var bouncer = await PgBouncer.StartAsync(cluster.ConnectionString, poolSize: 2, Cancellation);
        await using var dataSource = NpgsqlDataSource.Create(bouncer.ConnectionString);

        (await ProcessesAsync(dataSource)).Should().BeLessThanOrEqualTo(2);

        await bouncer.KillAsync(Cancellation);
        await FluentActions.Awaiting(() => ProcessesAsync(dataSource)).Should().ThrowAsync<NpgsqlException>();
        await bouncer.StartAsync(Cancellation);
        dataSource.Clear();
        (await ProcessesAsync(dataSource)).Should().BeLessThanOrEqualTo(2);
    }

    [Fact]
    public async Task Paused_it_lets_nobody_begin_until_it_is_resumed()
    {
        await using var cluster = await PostgreSqlServer.StartDedicatedAsync(Cancellation);
        await using var bouncer = await PgBouncer.StartAsync(cluster.ConnectionString, poolSize: 2, Cancellation);
        await using var dataSource = NpgsqlDataSource.Create(bouncer.ConnectionString);
        await ProcessesAsync(dataSource);
        await bouncer.PauseAsync(Cancellation);

        // A signal is taken when its receiver comes to it: sooner or later it is paused.
        Task<int> waiting;
        for (var until = DateTime.UtcNow.AddSeconds(20); ;)
        {
            waiting = ProcessesAsync(dataSource);
            if (await Task.WhenAny(waiting, Task.Delay(1_000, Cancellation)) != waiting)
            {
                break;
            }

            DateTime.UtcNow.Should().BeBefore(until);
        }

        await bouncer.ResumeAsync(Cancellation);
        (await waiting.WaitAsync(TimeSpan.FromSeconds(20), Cancellation)).Should().BePositive();
    }

    /// <summary>How many processes of the server serve five clients who are all connected.</summary>
    private static async Task<int> ProcessesAsync(NpgsqlDataSource dataSource)
    {
        var clients = new List<NpgsqlConnection>();
        try
        {
            var processes = new HashSet<int>();
            for (var i = 0; i < 5; i++)
            {
                clients.Add(await dataSource.OpenConnectionAsync(Cancellation));
                await using var command = new NpgsqlCommand("select pg_backend_pid()", clients[i]);
                processes.Add((int)(await command.ExecuteScalarAsync(Cancellation))!);
            }

            return processes.Count;
        }
        finally
        {
            foreach (var client in clients)
            {
                await client.DisposeAsync();
            }
        }
    }
}
