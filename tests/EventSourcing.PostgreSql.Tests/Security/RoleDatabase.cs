using Npgsql;

namespace EventSourcing.PostgreSql;

/// <summary>A schema with roles of its own, and logins that are members of one of them or of none.</summary>
internal sealed class RoleDatabase : IAsyncDisposable
{
    private const string Password = "pa55-of-a-login";

    private readonly TestDatabase database;
    private readonly List<PostgreSqlEventStore> stores = [];
    private readonly List<NpgsqlDataSource> sources = [];
    private readonly List<string> logins = [];

    private RoleDatabase(TestDatabase database) => this.database = database;

    /// <summary>As the superuser.</summary>
    public TestDatabase Admin => database;

    public string Schema => database.SchemaName;

    public PostgreSqlRoles Roles => new()
    {
        Owner = $"{Schema}_owner",
        Maintainer = $"{Schema}_maintainer",
        Application = $"{Schema}_application",
        Reader = $"{Schema}_reader",
    };

    public static async Task<RoleDatabase> CreateAsync(int partitions = 1, bool isGranted = true)
    {
        var database = new RoleDatabase(await TestDatabase.CreateAsync(partitions));
        if (isGranted)
        {
            await database.Admin.Store.Schema.InstallRolesAsync(database.Roles, TestContext.Current.CancellationToken);
        }

        return database;
    }

    /// <summary>A login of its own, a member of a role.</summary>
    public async Task<NpgsqlDataSource> LoginAsync(string? role)
    {
        var login = $"{Schema}_login_{logins.Count}";
        await Admin.ExecuteAsync($"create role {login} login password '{Password}'{(role is null ? string.Empty : $" in role {role}")}");
        logins.Add(login);
        var settings = new NpgsqlConnectionStringBuilder(Admin.ConnectionString) { Username = login, Password = Password };
        var source = NpgsqlDataSource.Create(settings.ConnectionString);
        sources.Add(source);
        return source;
    }

    public PostgreSqlEventStore StoreFor(NpgsqlDataSource source, int maxEventBytes = 10 * 1024 * 1024)
    {
        var store = new PostgreSqlEventStore(source, new PostgreSqlOptions { Schema = Schema, Partitions = Admin.Partitions, MaxEventBytes = maxEventBytes });
        stores.Add(store);
        return store;
    }

    /// <summary>Runs a statement as somebody, and rolls it back; gives the SQLSTATE where it is refused.</summary>
    public async Task<string?> TryAsync(NpgsqlDataSource source, string sql)
    {
        await using var connection = await source.OpenConnectionAsync(TestContext.Current.CancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(TestContext.Current.CancellationToken);
        await using var command = new NpgsqlCommand(sql.Replace("{schema}", Schema, StringComparison.Ordinal), connection, transaction);
        try
        {
            await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
            return null;
        }
        catch (PostgresException refused)
        {
            return refused.SqlState;
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var store in stores)
        {
            await store.DisposeAsync();
        }

        foreach (var source in sources)
        {
            await source.DisposeAsync();
        }

        var connectionString = Admin.ConnectionString;
        await Admin.DisposeAsync();
        await using var admin = NpgsqlDataSource.Create(connectionString);
        foreach (var role in logins.Concat([Roles.Reader, Roles.Application, Roles.Maintainer, Roles.Owner]))
        {
            await using var drop = admin.CreateCommand(
                $"do $$ begin perform pg_advisory_xact_lock({EventSourcing.PostgreSql.SchemaName.RolesLock}); if to_regrole('{role}') is not null then drop owned by {role} cascade; drop role {role}; end if; end $$");
            await drop.ExecuteNonQueryAsync();
        }
    }
}
