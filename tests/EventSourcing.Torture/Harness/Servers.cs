using Npgsql;

namespace EventSourcing.Torture;

/// <summary>The server of a connection string, or several of which one is the primary at a time.</summary>
internal sealed class Servers : IAsyncDisposable
{
    public Servers(string connectionString)
    {
        All = NpgsqlDataSource.Create(connectionString);
        Primary = All is NpgsqlMultiHostDataSource hosts ? hosts.WithTargetSession(TargetSessionAttributes.Primary) : All;
    }

    /// <summary>What a store is given.</summary>
    public NpgsqlDataSource All { get; }

    /// <summary>What an application uses itself.</summary>
    public NpgsqlDataSource Primary { get; }

    public ValueTask DisposeAsync() => All.DisposeAsync();
}
