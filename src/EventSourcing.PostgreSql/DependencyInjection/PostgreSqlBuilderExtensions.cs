using EventSourcing;
using EventSourcing.PostgreSql;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>The PostgreSQL adapter in an application.</summary>
public static class PostgreSqlBuilderExtensions
{
    /// <summary>Keeps events in PostgreSQL.</summary>
    /// <param name="builder">The builder.</param>
    /// <param name="connectionString">The database; where it is null, the application's own <see cref="NpgsqlDataSource"/> is used.</param>
    /// <param name="configure">Changes the schema's name and limits.</param>
    /// <returns>The builder.</returns>
    /// <exception cref="ArgumentException">An option or the connection string is not valid.</exception>
    /// <exception cref="InvalidOperationException">A store is chosen already.</exception>
    public static EventSourcingBuilder UsePostgreSql(
        this EventSourcingBuilder builder, string? connectionString = null, Action<PostgreSqlOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        var options = new PostgreSqlOptions();
        configure?.Invoke(options);
        options.Validated();
        if (connectionString is not null)
        {
            builder.Services.TryAddSingleton(_ => NpgsqlDataSource.Create(connectionString));
        }

        builder.UseStore(provider => new PostgreSqlEventStore(
            provider.GetRequiredService<NpgsqlDataSource>(),
            options,
            provider.GetRequiredService<TimeProvider>(),
            provider.GetService<ILogger<PostgreSqlEventStore>>()));
        builder.Services.TryAddSingleton<ICheckpointStore, PostgreSqlCheckpointStore>();
        builder.Services.TryAddSingleton<ISnapshotStore, PostgreSqlSnapshotStore>();
        builder.Services.TryAddSingleton<IConsumerStore, PostgreSqlConsumerStore>();
        builder.Services.TryAddSingleton<IViewStore, PostgreSqlViewStore>();
        builder.Services.TryAddSingleton<IOutbox, PostgreSqlOutbox>();
        if (options.InstallSchemaAtStart)
        {
            builder.Services.AddSingleton<IHostedService, SchemaInstallation>();
        }

        return builder;
    }
}
