using System.Reflection;
using EventSourcing.TestInfrastructure;

namespace EventSourcing.Architecture;

/// <summary>The packages, and where their sources are.</summary>
internal static class Packages
{
    public static IReadOnlyList<Assembly> All { get; } =
    [
        typeof(IEventStore).Assembly,
        typeof(HealthChecks.EventSourcingHealthOptions).Assembly,
        typeof(InMemory.InMemoryEventStore).Assembly,
        typeof(PostgreSql.PostgreSqlEventStore).Assembly,
        typeof(RabbitMq.RabbitMqPublisher).Assembly,
        typeof(Tenants.ITenants).Assembly,
        typeof(Testing.Scenario).Assembly,
    ];

    public static TheoryData<string> Names => [.. All.Select(assembly => assembly.GetName().Name!)];

    public static Assembly Named(string name) => All.Single(assembly => assembly.GetName().Name == name);

    public static IEnumerable<string> SourceFiles() =>
        Directory.EnumerateFiles(Path.Combine(SourceTree.Root, "src"), "*.cs", SearchOption.AllDirectories)
            .Where(file => !file.Contains($"{Path.DirectorySeparatorChar}obj{Path.DirectorySeparatorChar}", StringComparison.Ordinal));
}
