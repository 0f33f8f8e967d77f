using EventSourcing.TestInfrastructure;
using Npgsql;

namespace EventSourcing.Torture;

/// <summary>A server with three small disks: for a database, for read models that are moved there, and for the write-ahead log.</summary>
internal sealed class SmallCluster : IAsyncDisposable
{
    /// <summary>The tablespace of the second disk.</summary>
    public const string ReadModelSpace = "read_models";

    private readonly PostgreSqlCluster cluster;
    private string data = string.Empty;

    private SmallCluster(PostgreSqlCluster cluster, SmallDisk log, SmallDisk readModels, SmallDisk wal) =>
        (this.cluster, Log, ReadModels, Wal) = (cluster, log, readModels, wal);

    public SmallDisk Log { get; }

    public SmallDisk ReadModels { get; }

    public SmallDisk Wal { get; }

    /// <summary>Of the database on the first disk.</summary>
    public string ConnectionString => new NpgsqlConnectionStringBuilder(cluster.ConnectionString) { Database = "small" }.ConnectionString;

    public static async Task<SmallCluster> StartAsync()
    {
        var disks = new List<SmallDisk>();
        try
        {
            foreach (var megabytes in new[] { 160, 64, 80 })
            {
                disks.Add(await SmallDisk.MountAsync(megabytes));
            }

            var small = new SmallCluster(await PostgreSqlServer.StartDedicatedAsync(), disks[0], disks[1], disks[2]);
            await small.SetUpAsync();
            return small;
        }
        catch
        {
            foreach (var disk in disks)
            {
                await disk.DisposeAsync();
            }

            throw;
        }
    }

    /// <summary>As whoever looks after the server does: starts it again where it is down.</summary>
    /// <returns>Whether it was down for good, and had not come back by itself.</returns>
    public async Task<bool> BringBackAsync(TimeSpan patience)
    {
        // It may be about to give up, or to come back.
        var isDown = !File.Exists(Path.Combine(data, "postmaster.pid"));
        for (var left = patience; !isDown && left > TimeSpan.Zero && !await IsUpAsync(); left -= TimeSpan.FromMilliseconds(100))
        {
            await Task.Delay(100);
            isDown = !File.Exists(Path.Combine(data, "postmaster.pid"));
        }

        if (isDown)
        {
            await cluster.StartAsync();
        }

        return isDown;
    }

    /// <summary>Leaves the rest of the file of the write-ahead log empty, so that the ones kept for reuse are soon used up.</summary>
    public async Task BeginWalFileAsync()
    {
        try
        {
            await RunAsync("select pg_switch_wal()", ConnectionString);
        }
        catch (NpgsqlException)
        {
            // There is no room for another, which is what is waited for.
        }
    }

    public async Task<bool> IsUpAsync()
    {
        try
        {
            await RunAsync("select 1", ConnectionString);
            return true;
        }
        catch (NpgsqlException)
        {
            return false;
        }
    }

    public async ValueTask DisposeAsync()
    {
        try
        {
            await cluster.DisposeAsync();
        }
        catch (InvalidOperationException)
        {
            // It is down already; its watchdog removes it.
        }

        await Log.DisposeAsync();
        await ReadModels.DisposeAsync();
        await Wal.DisposeAsync();
    }

    private async Task SetUpAsync()
    {
        // The directories are to be the server's own.
        foreach (var disk in new[] { Log, ReadModels })
        {
            await RunAsync($"copy (select 1) to program 'cat >/dev/null; mkdir {disk.Path}/space'", cluster.ConnectionString);
        }

        await RunAsync($"create tablespace log location '{Log.Path}/space'", cluster.ConnectionString);
        await RunAsync($"create tablespace {ReadModelSpace} location '{ReadModels.Path}/space'", cluster.ConnectionString);
        await RunAsync("create database small tablespace log", cluster.ConnectionString);
        await RunAsync("alter system set max_wal_size = '32MB'", cluster.ConnectionString);
        await RunAsync("alter system set min_wal_size = '32MB'", cluster.ConnectionString);
        data = await RunAsync("show data_directory", cluster.ConnectionString);
        await cluster.StopAsync(immediate: false);
        var wal = Path.Combine(data, "pg_wal");
        foreach (var command in new string[][] { ["cp", "-a", wal, $"{Wal.Path}/pg_wal"], ["rm", "-r", wal], ["ln", "-s", $"{Wal.Path}/pg_wal", wal] })
        {
            var (isDone, said) = await SmallDisk.RunAsync(command);
            if (!isDone)
            {
                throw new ProofFailedException($"The write-ahead log could not be moved to a small disk, so nothing is proven. {said}");
            }
        }

        await cluster.StartAsync();
    }

    private static async Task<string> RunAsync(string sql, string connectionString)
    {
        await using var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(connectionString) { Pooling = false, Timeout = 5 }.ConnectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        return (await command.ExecuteScalarAsync())?.ToString() ?? string.Empty;
    }
}
