using EventSourcing.PostgreSql;
using EventSourcing.TestInfrastructure;
using Npgsql;

namespace EventSourcing.Torture;

/// <summary>A store in whose tables somebody writes who should not.</summary>
internal sealed class Damaged : IAsyncDisposable
{
    private Damaged(NpgsqlDataSource dataSource)
    {
        DataSource = dataSource;
        Store = NewStore();
    }

    public string SchemaName { get; } = PostgreSqlServer.NewSchemaName();

    public NpgsqlDataSource DataSource { get; }

    /// <summary>For writing; what it has read it may still know.</summary>
    public PostgreSqlEventStore Store { get; }

    public static async Task<Damaged> CreateAsync(NpgsqlDataSource dataSource)
    {
        var damaged = new Damaged(dataSource);
        await damaged.Store.Schema.InstallAsync();
        return damaged;
    }

    /// <summary>A store that knows nothing yet.</summary>
    public PostgreSqlEventStore NewStore() => new(DataSource, new PostgreSqlOptions { Schema = SchemaName, PollingInterval = TimeSpan.FromMilliseconds(20) });

    /// <summary>Runs SQL, <c>{schema}</c> in it replaced; tells how many rows it has changed.</summary>
    public async Task<int> ExecuteAsync(string sql, params object[] values)
    {
        await using var command = DataSource.CreateCommand(sql.Replace("{schema}", SchemaName, StringComparison.Ordinal));
        foreach (var value in values)
        {
            command.Parameters.Add(new NpgsqlParameter { Value = value });
        }

        return await command.ExecuteNonQueryAsync();
    }

    public ValueTask DisposeAsync() => Store.DisposeAsync();
}
