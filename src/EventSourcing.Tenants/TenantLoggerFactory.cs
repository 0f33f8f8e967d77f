using Microsoft.Extensions.Logging;

namespace EventSourcing.Tenants;

/// <summary>Names the tenant behind the category, <c>EventSourcing.ProjectionRunner[acme]</c>: filters go by how a category begins.</summary>
internal sealed class TenantLoggerFactory(ILoggerFactory host, TenantName tenant) : ILoggerFactory
{
    public ILogger CreateLogger(string categoryName) => host.CreateLogger($"{categoryName}[{tenant}]");

    public void AddProvider(ILoggerProvider provider) => throw new NotSupportedException("A tenant logs where its host does: add providers there.");

    public void Dispose()
    {
        // The factory is the host's.
    }
}
