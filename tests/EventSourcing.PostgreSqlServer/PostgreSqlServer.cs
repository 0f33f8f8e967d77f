using Npgsql;

namespace EventSourcing.TestInfrastructure;

/// <summary>
/// The PostgreSQL server of this process, for tests, benchmarks and anything else that needs a real one: given by
/// the environment variable <see cref="ConnectionStringVariable"/>, or run in a container, or run from the machine's
/// own installation. It is durable in every case (fsync stays on), so that what is measured against it is honest.
/// </summary>
public sealed class PostgreSqlServer
{
    /// <summary>The environment variable that names a server to use instead of starting one.</summary>
    public const string ConnectionStringVariable = "EVENTSOURCING_TEST_POSTGRES";

    private static readonly Lazy<Task<PostgreSqlServer>> shared =
        new(() => StartAsync(Environment.GetEnvironmentVariable(ConnectionStringVariable)));

    private PostgreSqlServer(string connectionString, string origin, object? owner = null)
    {
        ConnectionString = connectionString;
        Origin = origin;
        Owner = owner;
    }

    /// <summary>Connects as a role that may create schemas, roles and databases.</summary>
    public string ConnectionString { get; }

    /// <summary>Where the server came from, for the header of a report.</summary>
    public string Origin { get; }

    // Holds what keeps the server alive as long as the process lives.
    internal object? Owner { get; }

    /// <summary>
    /// The one server that everything in this process shares. It is started by the first caller and goes away with
    /// the process, however that ends; nobody disposes it.
    /// </summary>
    /// <exception cref="InvalidOperationException">There is no way to a server; the message names the ways.</exception>
    public static Task<PostgreSqlServer> GetAsync(CancellationToken cancellationToken = default) =>
        shared.Value.WaitAsync(cancellationToken);

    /// <summary>
    /// A private cluster from the machine's own installation, which its caller may stop, crash and start again
    /// without disturbing anyone, and disposes.
    /// </summary>
    /// <exception cref="InvalidOperationException">The machine has no PostgreSQL server installed.</exception>
    public static Task<PostgreSqlCluster> StartDedicatedAsync(CancellationToken cancellationToken = default) =>
        PostgreSqlBinaries.Find() is { } binaries
            ? PostgreSqlCluster.CreateAsync(binaries, cancellationToken)
            : throw new InvalidOperationException(
                "A dedicated PostgreSQL cluster is run from the machine's own installation, and none was found: "
                + $"install it (Debian: apt-get install postgresql). Looked in {PostgreSqlBinaries.Places}.");

    /// <summary>Creates an empty database on this server and returns the connection string to it.</summary>
    public async Task<string> CreateDatabaseAsync(CancellationToken cancellationToken = default)
    {
        var name = UniqueName("db");
        await using var connection = new NpgsqlConnection(ConnectionString);
        await connection.OpenAsync(cancellationToken);
        await using var command = new NpgsqlCommand($"create database \"{name}\"", connection);
        await command.ExecuteNonQueryAsync(cancellationToken);
        return new NpgsqlConnectionStringBuilder(ConnectionString) { Database = name }.ConnectionString;
    }

    /// <summary>A schema name that nobody else uses: each test class works in a schema of its own.</summary>
    public static string NewSchemaName() => UniqueName("test");

    internal static async Task<PostgreSqlServer> StartAsync(string? given)
    {
        if (!string.IsNullOrWhiteSpace(given))
        {
            return new PostgreSqlServer(given, $"given by {ConnectionStringVariable}");
        }

        Exception? containerFailure = null;
#if USE_TESTCONTAINERS
        try
        {
            var container = await PostgreSqlContainerServer.StartAsync();
            return new PostgreSqlServer(container.GetConnectionString(), $"container {PostgreSqlContainerServer.Image}", container);
        }
        catch (Exception failure)
        {
            // No engine, no network for the image, no permission: whatever it was, there may be another way, and
            // where there is none the final exception carries it.
            containerFailure = failure;
        }
#endif

        if (PostgreSqlBinaries.Find() is not { } binaries)
        {
            throw new InvalidOperationException(
                "No PostgreSQL server. Give one of these ways: "
                + $"(1) a connection string in the environment variable {ConnectionStringVariable}; "
                + $"(2) a Docker engine (this build {(UsesContainers ? "tried one" : "was made without: build with -p:UseTestcontainers=true")}); "
                + "(3) initdb and pg_ctl on this machine (Debian: apt-get install postgresql), "
                + $"looked for in {PostgreSqlBinaries.Places}.",
                containerFailure);
        }

        var cluster = await PostgreSqlCluster.CreateAsync(binaries, CancellationToken.None);
        return new PostgreSqlServer(cluster.ConnectionString, $"local cluster run by {binaries}", cluster);
    }

#if USE_TESTCONTAINERS
    private const bool UsesContainers = true;
#else
    private const bool UsesContainers = false;
#endif

    private static string UniqueName(string prefix) => $"{prefix}_{Guid.NewGuid():N}";
}
