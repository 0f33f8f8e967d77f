using Boundaries.Courses;
using EventSourcing;
using EventSourcing.PostgreSql;
using Microsoft.Extensions.DependencyInjection;

namespace Boundaries;

/// <summary>The application put together: the same decisions, with the log in memory or in PostgreSQL.</summary>
public static class BoundariesApplication
{
    /// <summary>The schema of the log.</summary>
    public const string Schema = "boundaries";

    /// <summary>Makes the application; installs the log's schema where it is missing.</summary>
    /// <param name="postgres">A connection string; null for in memory.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    public static async Task<ServiceProvider> StartAsync(string? postgres, CancellationToken cancellationToken)
    {
        var services = new ServiceCollection();
        var builder = services
            .AddEventSourcing(options => options.ConflictRetry = new ConflictRetryOptions { MaxAttempts = 100 }) // many race for one thing here
            .AddEventsFrom(typeof(CourseDefined).Assembly);
        _ = postgres is null ? builder.UseInMemory() : builder.UsePostgreSql(postgres, options => options.Schema = Schema);
        var provider = services.BuildServiceProvider();
        if (postgres is not null)
        {
            await provider.GetRequiredService<PostgreSqlEventStore>().Schema.InstallAsync(cancellationToken);
        }

        return provider;
    }

    /// <summary>Decides, and appends what follows in one step.</summary>
    public static Task<CommandResult> DecideAsync(
        this IRepository repository, IDecision decision, CommandContext? context = null, CancellationToken cancellationToken = default) =>
        repository.DecideAsync(decision.Projections, decision.Decide, context, cancellationToken);
}
