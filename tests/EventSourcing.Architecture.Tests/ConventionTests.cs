using System.Reflection;
using EventSourcing.TestInfrastructure;

namespace EventSourcing.Architecture;

/// <summary>Conventions that a machine can keep.</summary>
public sealed class ConventionTests
{
    [Theory]
    [InlineData("EventSourcing.Core", new string[0])]
    [InlineData("EventSourcing.HealthChecks", new[] { "EventSourcing.Core" })]
    [InlineData("EventSourcing.InMemory", new[] { "EventSourcing.Core" })]
    [InlineData("EventSourcing.PostgreSql", new[] { "EventSourcing.Core", "Npgsql", "Dapper" })]
    [InlineData("EventSourcing.RabbitMq", new[] { "EventSourcing.Core", "RabbitMQ.Client" })]
    [InlineData("EventSourcing.Tenants", new[] { "EventSourcing.Core" })]
    [InlineData("EventSourcing.Testing", new[] { "EventSourcing.Core", "EventSourcing.InMemory" })]
    public void References_point_one_way(string package, string[] allowed)
    {
        var references = Packages.Named(package).GetReferencedAssemblies().Select(reference => reference.Name!);

        references.Where(name => !name.StartsWith("System", StringComparison.Ordinal) && !name.StartsWith("Microsoft.Extensions.", StringComparison.Ordinal))
            .Should().BeSubsetOf(allowed);
    }

    // The generators are for the compiler, travel in the package of Core, and promise no API.
    [Fact]
    public void Every_package_is_looked_at() =>
        Directory.GetDirectories(Path.Combine(SourceTree.Root, "src")).Select(folder => Path.GetFileName(folder))
            .Where(name => !name.StartsWith("EventSourcing.Generators", StringComparison.Ordinal))
            .Should().BeEquivalentTo(Packages.All.Select(assembly => assembly.GetName().Name));

    [Theory]
    [MemberData(nameof(Packages.Names), MemberType = typeof(Packages))]
    public void Every_public_class_is_sealed_static_or_abstract(string package) =>
        Packages.Named(package).GetExportedTypes().Where(type => type is { IsClass: true, IsSealed: false, IsAbstract: false }).Should().BeEmpty();

    [Theory]
    [MemberData(nameof(Packages.Names), MemberType = typeof(Packages))]
    public void Every_internal_class_is_sealed_static_or_abstract(string package) =>
        Packages.Named(package).GetTypes()
            .Where(type => type is { IsClass: true, IsSealed: false, IsAbstract: false } && !type.Name.Contains('<', StringComparison.Ordinal))
            .Should().BeEmpty();

    [Theory]
    [MemberData(nameof(Packages.Names), MemberType = typeof(Packages))]
    public void Awaitable_members_say_so_and_can_be_cancelled(string package)
    {
        var methods = Packages.Named(package).GetExportedTypes()
            .SelectMany(type => type.GetMethods(BindingFlags.Public | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly))
            .Where(method => IsAwaitable(method.ReturnType))
            .ToList();

        methods.Where(method => !method.Name.EndsWith("Async", StringComparison.Ordinal)).Should().BeEmpty();
        methods
            .Where(method => method.Name != nameof(IAsyncDisposable.DisposeAsync) && !CarriesItsToken(method))
            .Where(method => method.GetParameters().LastOrDefault()?.ParameterType != typeof(CancellationToken))
            .Should().BeEmpty();
    }

    [Theory]
    [MemberData(nameof(Packages.Names), MemberType = typeof(Packages))]
    public void Exceptions_are_sealed_and_named_so(string package) =>
        Packages.Named(package).GetExportedTypes().Where(type => type.IsAssignableTo(typeof(Exception)))
            .Where(type => !type.IsSealed || !type.Name.EndsWith("Exception", StringComparison.Ordinal)).Should().BeEmpty();

    [Fact]
    public void No_source_file_is_longer_than_300_lines() =>
        Packages.SourceFiles().Where(file => File.ReadLines(file).Count() > 300).Should().BeEmpty();

    private static bool IsAwaitable(Type type) =>
        type.IsAssignableTo(typeof(Task)) || type == typeof(ValueTask)
        || (type.IsGenericType && (type.GetGenericTypeDefinition() == typeof(ValueTask<>) || type.GetGenericTypeDefinition() == typeof(IAsyncEnumerable<>)));

    // A page's transaction is bound to the page's token; event handlers are given theirs as the context.
    private static bool CarriesItsToken(MethodInfo method) =>
        method.DeclaringType!.GetProperty("CancellationToken") is not null || method.DeclaringType.Name.StartsWith("EventHandlers", StringComparison.Ordinal);
}
