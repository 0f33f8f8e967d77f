using EventSourcing.TestInfrastructure;
using Npgsql;

namespace EventSourcing.Torture;

/// <summary>A server with few connections, an application that is no superuser, and other clients that take whatever is free.</summary>
internal sealed class CrowdedCluster : IAsyncDisposable
{
    /// <summary>What three processes have room for, with a listener each and those who look from outside.</summary>
    public const int MaxPoolSize = 10;

    private const int Connections = 50;

    // For those who look from outside: the application and its rivals never get them.
    private const int Reserved = 8;

    private const string Rival = "rival";

    private readonly PostgreSqlCluster cluster;
    private readonly List<NpgsqlConnection> rivals = [];
    private CancellationTokenSource? crowd;
    private Task crowding = Task.CompletedTask;
    private long refused;

    private CrowdedCluster(PostgreSqlCluster cluster) => this.cluster = cluster;

    /// <summary>For those who look from outside.</summary>
    public string AdministratorString => new NpgsqlConnectionStringBuilder(cluster.ConnectionString) { MaxPoolSize = Reserved / 2 }.ConnectionString;

    public string ApplicationString => new NpgsqlConnectionStringBuilder(cluster.ConnectionString) { Username = "app" }.ConnectionString;

    public static async Task<CrowdedCluster> StartAsync()
    {
        var crowded = new CrowdedCluster(await PostgreSqlServer.StartDedicatedAsync());
        await crowded.RunAsync($"alter system set max_connections = {Connections}");
        await crowded.RunAsync($"alter system set superuser_reserved_connections = {Reserved}");
        await crowded.RunAsync("create role app login");
        await crowded.RunAsync("grant create on database postgres to app");
        await crowded.cluster.StopAsync(immediate: false);
        await crowded.cluster.StartAsync();
        return crowded;
    }

    /// <summary>Lets the application work with a store.</summary>
    public async Task GrantAsync(string schema)
    {
        await RunAsync($"grant all on schema {schema} to app");
        await RunAsync($"grant all on all tables in schema {schema} to app");
        await RunAsync($"grant all on all sequences in schema {schema} to app");
        await RunAsync($"grant execute on all functions in schema {schema} to app");
    }

    /// <summary>Takes all connections away, and keeps them: those that are in use are cut off, and rivals are quicker.</summary>
    public async Task CrowdAsync()
    {
        crowd = new CancellationTokenSource();
        crowding = CrowdAsync(crowd.Token);
        await UntilCrowdedAsync();
    }

    /// <summary>The rivals go.</summary>
    public async Task DisperseAsync()
    {
        if (crowd is null)
        {
            return;
        }

        await crowd.CancelAsync();
        await crowding;
        crowd.Dispose();
        crowd = null;
        foreach (var rival in rivals)
        {
            await rival.DisposeAsync();
        }

        rivals.Clear();
    }

    public async ValueTask DisposeAsync()
    {
        await DisperseAsync();
        await cluster.DisposeAsync();
    }

    private async Task CrowdAsync(CancellationToken stopping)
    {
        while (!stopping.IsCancellationRequested)
        {
            var rival = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(ApplicationString) { ApplicationName = Rival, Pooling = false }.ConnectionString);
            try
            {
                await rival.OpenAsync(CancellationToken.None);
                rivals.Add(rival);
            }
            catch (NpgsqlException)
            {
                await rival.DisposeAsync();
                Interlocked.Increment(ref refused);
                await Task.Delay(20, CancellationToken.None);
            }
        }
    }

    private async Task UntilCrowdedAsync()
    {
        var alone = 0;
        for (var left = 400; alone < 4; left--)
        {
            var before = Interlocked.Read(ref refused);
            await Task.Delay(25);
            var cut = await RunAsync($"""
                select count(pg_terminate_backend(pid))
                from pg_stat_activity
                where usename = 'app' and application_name <> '{Rival}'
                """);

            // Several times in a row nothing was left to cut off, and nothing free.
            alone = cut == 0 && Interlocked.Read(ref refused) > before ? alone + 1 : 0;

            if (left == 0)
            {
                throw new ProofFailedException($"The rivals have {rivals.Count} connections and the application {cut}: it could not be crowded out, so nothing is proven.");
            }
        }
    }

    private async Task<long> RunAsync(string sql)
    {
        await using var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(cluster.ConnectionString) { Pooling = false }.ConnectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        return await command.ExecuteScalarAsync() is long count ? count : 0;
    }
}
