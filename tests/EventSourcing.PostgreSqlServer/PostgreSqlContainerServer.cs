#if USE_TESTCONTAINERS
using Testcontainers.PostgreSql;

namespace EventSourcing.TestInfrastructure;

/// <summary>The server in a container. Testcontainers removes it when the process is gone.</summary>
internal static class PostgreSqlContainerServer
{
    public const string Image = "postgres:17-alpine";

    public static async Task<PostgreSqlContainer> StartAsync()
    {
        // Testcontainers turns durability off. The last of two equal settings wins, so this turns it on again.
        string[] settings = [.. PostgreSqlCluster.Settings, "fsync=on", "full_page_writes=on", "synchronous_commit=on"];

        var container = new PostgreSqlBuilder()
            .WithImage(Image)
            .WithCommand([.. settings.SelectMany(setting => new[] { "-c", setting })])
            .Build();
        await container.StartAsync();
        return container;
    }
}
#endif
