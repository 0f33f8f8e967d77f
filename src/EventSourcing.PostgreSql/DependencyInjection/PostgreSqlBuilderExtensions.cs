using EventSourcing;
using EventSourcing.PostgreSql;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;
using System.Diagnostics.CodeAnalysis;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>The PostgreSQL adapter in an application.</summary>
public static class PostgreSqlBuilderExtensions
{
    /// <summary>Keeps events in PostgreSQL.</summary>
    /// <param name="builder">The builder.</param>
    /// <param name="connectionString">The database; of several hosts (<c>Host=one,other</c>) the store uses the primary. Where it is null, the application's own <see cref="NpgsqlDataSource"/> is used.</param>
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
            builder.Services.TryAddSingleton(_ => DataSource(connectionString));
        }

        builder.UseStore(provider => new PostgreSqlEventStore(
            provider.GetRequiredService<NpgsqlDataSource>(),
            options,
            provider.GetRequiredService<TimeProvider>(),
            provider.GetService<ILogger<PostgreSqlEventStore>>())
        {
            // Asked by each way to write: what went into a log that nobody reads would be lost.
            Inline = () => provider.GetRequiredService<IEventStore>() is TenantLog log
                ? throw new InvalidOperationException(
                    $"This store keeps what tenant '{log.Tenant}' has beside the log, which is shared: append through IEventStore, and without inline projections.")
                : [.. provider.GetServices<IProjection>().OfType<InlineProjection>()],
        });
        builder.Services.TryAddSingleton<ILogRestore>(provider => provider.GetRequiredService<PostgreSqlEventStore>());
        builder.Services.TryAddSingleton<ICheckpointStore, PostgreSqlCheckpointStore>();
        builder.Services.TryAddSingleton<ISnapshotStore, PostgreSqlSnapshotStore>();
        builder.Services.TryAddSingleton<ISnapshotInventory, PostgreSqlSnapshotStore>();
        builder.Services.TryAddSingleton<ISubjectKeyStore, PostgreSqlSubjectKeyStore>();
        builder.Services.TryAddSingleton<IConsumerStore, PostgreSqlConsumerStore>();
        builder.Services.TryAddSingleton<IDeadLetterStore, PostgreSqlDeadLetterStore>();
        builder.Services.TryAddSingleton<IReactorStore, PostgreSqlReactorStore>();
        builder.Services.TryAddSingleton<IViewStore, PostgreSqlViewStore>();
        builder.Services.TryAddSingleton<IOutbox, PostgreSqlOutbox>();
        builder.Services.TryAddSingleton<IStreamMaintenance, PostgreSqlStreamMaintenance>();
        builder.Services.TryAddSingleton<IEventLookup, PostgreSqlEventLookup>();
        builder.Services.TryAddSingleton<IHashChain, PostgreSqlHashChain>();
        if (options.InstallSchemaAtStart)
        {
            builder.Services.AddSingleton<IHostedService, SchemaInstallation>();
        }

        return builder;
    }

    /// <summary>Of several hosts, the store uses the primary: what a connection string may say of that itself, a data source takes elsewhere.</summary>
    private static NpgsqlDataSource DataSource(string connectionString)
    {
        var settings = new NpgsqlConnectionStringBuilder(connectionString);
        if (settings.Host?.Contains(',', StringComparison.Ordinal) != true)
        {
            return NpgsqlDataSource.Create(connectionString);
        }

        if (settings.TargetSessionAttributes is "primary" or "read-write")
        {
            settings.Remove("Target Session Attributes");
        }

        return new NpgsqlDataSourceBuilder(settings.ConnectionString).BuildMultiHost();
    }

    /// <summary>Registers a projection that appends apply in their own transactions: see <see cref="IInlineProjection"/>. Every process
    /// that appends is to register it.</summary>
    /// <typeparam name="TProjection">The projection.</typeparam>
    /// <param name="builder">The builder.</param>
    /// <returns>The builder.</returns>
    /// <exception cref="InvalidOperationException">The projection is registered already.</exception>
    public static EventSourcingBuilder AddInlineProjection<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] TProjection>(
        this EventSourcingBuilder builder)
        where TProjection : PostgreSqlProjection
    {
        ArgumentNullException.ThrowIfNull(builder);
        if (builder.Services.Any(service => service.ServiceType == typeof(TProjection)))
        {
            throw new InvalidOperationException($"{typeof(TProjection).FullName} is registered already.");
        }

        builder.Services.AddSingleton<TProjection>();
        return builder.AddProjection(provider =>
        {
            var projection = provider.GetRequiredService<TProjection>();
            return new InlineProjection(
                provider.GetRequiredService<PostgreSqlEventStore>(), provider.GetRequiredService<EventSerializer>(), projection, projection);
        });
    }
}
