using Dapper;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace EventSourcing.PostgreSql;

/// <summary>The database objects of a store: installed by an explicit call, or exported as a script for an administrator.</summary>
public sealed class PostgreSqlSchema
{
    private readonly NpgsqlDataSource dataSource;
    private readonly SchemaName schema;
    private readonly int partitions;
    private readonly ILogger logger;

    internal PostgreSqlSchema(NpgsqlDataSource dataSource, SchemaName schema, int partitions, ILogger logger)
    {
        this.dataSource = dataSource;
        this.schema = schema;
        this.partitions = partitions;
        this.logger = logger;
    }

    /// <summary>Everything that <see cref="InstallAsync"/> does, as SQL to be run in one transaction. It may be run again.</summary>
    /// <param name="schema">The schema's name, as in <see cref="PostgreSqlOptions.Schema"/>.</param>
    /// <param name="partitions">Into how many tables the events go, as in <see cref="PostgreSqlOptions.Partitions"/>.</param>
    /// <returns>The script.</returns>
    /// <exception cref="ArgumentException">The schema's name is not one that the library takes, or the number of partitions is
    /// not from 1 to 1,024.</exception>
    public static string Script(string schema = PostgreSqlOptions.DefaultSchema, int partitions = 1)
    {
        new PostgreSqlOptions { Schema = schema, Partitions = partitions }.Validated();
        return SchemaScript.For(new SchemaName(schema), partitions);
    }

    /// <summary>Everything that <see cref="InstallRolesAsync"/> does, as SQL to be run in one transaction. It may be run again.</summary>
    /// <param name="roles">The roles' names.</param>
    /// <param name="schema">The schema's name, as in <see cref="PostgreSqlOptions.Schema"/>.</param>
    /// <returns>The script, which holds no password.</returns>
    /// <exception cref="ArgumentException">A name is not one that the library takes.</exception>
    public static string RolesScript(PostgreSqlRoles roles, string schema = PostgreSqlOptions.DefaultSchema)
    {
        ArgumentNullException.ThrowIfNull(roles);
        return SchemaScript.ForRoles(new SchemaName(schema), roles);
    }

    /// <summary>
    /// Brings the schema to this library's version: creates what is missing, in one transaction. Does nothing where it is
    /// there already, needs no right to create then, and may run in any number of processes at once.
    /// </summary>
    /// <param name="cancellationToken">Gives up; nothing is changed then.</param>
    /// <exception cref="InvalidOperationException">The schema is of a newer version of the library, or the database's
    /// encoding is not UTF8.</exception>
    /// <exception cref="EventStoreUnavailableException">The server cannot be reached.</exception>
    public Task InstallAsync(CancellationToken cancellationToken = default) =>
        PostgreSqlErrors.TranslateAsync(schema, async () =>
        {
            var connection = await Connecting.OpenAsync(dataSource, cancellationToken).ConfigureAwait(false);
            await using (connection.ConfigureAwait(false))
            {
                if (await InstalledVersionAsync(connection, cancellationToken).ConfigureAwait(false) < SchemaScript.Version)
                {
                    await ApplyAsync(connection, cancellationToken).ConfigureAwait(false);
                }
            }

            return true;
        });

    /// <summary>
    /// Creates the roles that are missing, hands the schema over to its owner, and gives each role its rights, in one transaction.
    /// The schema must be installed. To be called again after a migration, for what has come anew, and harmless at any other time.
    /// </summary>
    /// <remarks>
    /// At first by a superuser, or by a login that may create roles and owns the schema and the database; later a member of the
    /// owner will do. Roles that are there already are taken as they are. A role that had another name before keeps its rights:
    /// have it dropped.
    /// </remarks>
    /// <param name="roles">The roles' names.</param>
    /// <param name="cancellationToken">Gives up; nothing is changed then.</param>
    /// <exception cref="ArgumentException">A name is not one that the library takes.</exception>
    /// <exception cref="SchemaNotInstalledException">The schema is not installed, or not in this version.</exception>
    /// <exception cref="PostgresException">The login may not do that.</exception>
    /// <exception cref="EventStoreUnavailableException">The server cannot be reached.</exception>
    public Task InstallRolesAsync(PostgreSqlRoles roles, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(roles);
        var script = SchemaScript.ForRoles(schema, roles);
        return PostgreSqlErrors.TranslateAsync(schema, async () =>
        {
            var connection = await dataSource.OpenConnectionAsync(cancellationToken).ConfigureAwait(false);
            await using (connection.ConfigureAwait(false))
            {
                var transaction = await connection.BeginTransactionAsync(cancellationToken).ConfigureAwait(false);
                await using (transaction.ConfigureAwait(false))
                {
                    await connection.ExecuteAsync(new CommandDefinition(script, transaction: transaction, cancellationToken: cancellationToken)).ConfigureAwait(false);
                    await transaction.CommitAsync(cancellationToken).ConfigureAwait(false);
                    Log.RolesInstalled(logger, schema.Name, roles.Owner, roles.Maintainer, roles.Application, roles.Reader);
                }
            }

            return true;
        });
    }

    /// <summary>
    /// Makes the indexes by which <see cref="AuditTrail"/> finds events by their id and their metadata, beside appends and reads. Without
    /// them it finds the same and reads the whole log each time; each append pays for them.
    /// </summary>
    /// <remarks>Needs the rights of the owner, and may be called again: after a failure it goes on with what is missing.</remarks>
    /// <param name="cancellationToken">Gives up; the indexes that are made stay.</param>
    /// <exception cref="SchemaNotInstalledException">The schema is not installed, or not in this version.</exception>
    /// <exception cref="PostgresException">The login may not do that.</exception>
    /// <exception cref="EventStoreUnavailableException">The server cannot be reached.</exception>
    public Task InstallAuditIndexesAsync(CancellationToken cancellationToken = default) =>
        PostgreSqlErrors.TranslateAsync(schema, async () =>
        {
            await new AuditIndexInstallation(dataSource, schema).RunAsync(cancellationToken).ConfigureAwait(false);
            Log.AuditIndexesInstalled(logger, schema.Name);
            return true;
        });

    /// <summary>
    /// Makes streams tamper-evident: from now on each event carries a hash over its content and the hash of the event before it in its
    /// stream, whichever way it is appended. <see cref="ChainVerifier"/> verifies them.
    /// </summary>
    /// <remarks>Needs the rights of the owner, waits for appends under way and holds up new ones until it is done, and may be called
    /// again.</remarks>
    /// <param name="withWhatIsThere">Whether the events of streams that have no hash yet are chained too, in one transaction, which writes
    /// each of them anew: with a large log a matter of minutes or hours, in which nobody appends. By default the chain of a stream begins
    /// with its next event.</param>
    /// <param name="cancellationToken">Gives up; nothing is changed then.</param>
    /// <returns>How many events that were there have been chained.</returns>
    /// <exception cref="SchemaNotInstalledException">The schema is not installed, or not in this version.</exception>
    /// <exception cref="PostgresException">The login may not do that.</exception>
    /// <exception cref="EventStoreUnavailableException">The server cannot be reached.</exception>
    public Task<long> InstallHashChainAsync(bool withWhatIsThere = false, CancellationToken cancellationToken = default) =>
        PostgreSqlErrors.TranslateAsync(schema, async () =>
        {
            var count = await new HashChainInstallation(dataSource, schema).RunAsync(withWhatIsThere, cancellationToken).ConfigureAwait(false);
            Log.HashChainInstalled(logger, schema.Name, count);
            return count;
        });

    private async Task ApplyAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        var encoding = await connection
            .ExecuteScalarAsync<string>(new CommandDefinition("show server_encoding", cancellationToken: cancellationToken))
            .ConfigureAwait(false);
        if (encoding != "UTF8")
        {
            throw new InvalidOperationException(
                $"The database has encoding {encoding}; events are UTF-8. Create it with encoding 'UTF8'.");
        }

        var transaction = await connection.BeginTransactionAsync(cancellationToken).ConfigureAwait(false);
        await using (transaction.ConfigureAwait(false))
        {
            // One installer at a time. Whoever waited here finds everything in place, and applies it again harmlessly.
            await connection
                .ExecuteAsync(new CommandDefinition(
                    "select pg_advisory_xact_lock(@InstallLock)", new { schema.InstallLock }, transaction, cancellationToken: cancellationToken))
                .ConfigureAwait(false);
            var isBehind = await InstalledVersionAsync(connection, cancellationToken).ConfigureAwait(false) < SchemaScript.Version;
            if (isBehind)
            {
                await connection
                    .ExecuteAsync(new CommandDefinition(SchemaScript.For(schema, partitions), transaction: transaction, cancellationToken: cancellationToken))
                    .ConfigureAwait(false);
            }

            await transaction.CommitAsync(cancellationToken).ConfigureAwait(false);
            if (isBehind)
            {
                Log.SchemaInstalled(logger, schema.Name, SchemaScript.Version);
            }
        }
    }

    private async Task<int> InstalledVersionAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        var isThere = await connection
            .ExecuteScalarAsync<bool>(new CommandDefinition(
                "select to_regclass(@table) is not null",
                new { table = $"{schema.Quoted}.schema_version" },
                cancellationToken: cancellationToken))
            .ConfigureAwait(false);
        var version = isThere
            ? await connection
                .ExecuteScalarAsync<int>(new CommandDefinition(
                    $"select version from {schema.Quoted}.schema_version", cancellationToken: cancellationToken))
                .ConfigureAwait(false)
            : 0;
        return version <= SchemaScript.Version
            ? version
            : throw new InvalidOperationException(
                $"Schema '{schema.Name}' has version {version}, newer than version {SchemaScript.Version} of this library; update the package.");
    }
}
