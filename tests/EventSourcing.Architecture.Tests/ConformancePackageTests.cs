using System.Reflection;
using System.Xml.Linq;
using EventSourcing.Conformance;

namespace EventSourcing.Architecture;

/// <summary>The suites are for others, too: what they see of them is small, explained, and of no adapter.</summary>
public sealed class ConformancePackageTests
{
    private const BindingFlags Declared =
        BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;

    private static readonly Assembly Suites = typeof(StoreSuite).Assembly;

    [Fact]
    public void It_knows_no_adapter() =>
        Suites.GetReferencedAssemblies().Select(reference => reference.Name!).Where(name => name.StartsWith("EventSourcing", StringComparison.Ordinal))
            .Should().Equal("EventSourcing.Core");

    [Fact]
    public void It_shows_suites_and_what_they_ask_for() =>
        Suites.GetExportedTypes().Where(type => !(type.IsAbstract && type.IsAssignableTo(typeof(StoreSuite)))).Should().BeEquivalentTo([typeof(ReactorState), typeof(StreamLife)]);

    [Fact]
    public void What_an_adapter_sees_is_explained()
    {
        var explained = XDocument.Load(Path.ChangeExtension(Suites.Location, ".xml")).Descendants("member").Select(member => member.Attribute("name")!.Value.Split('(')[0]).ToHashSet();
        var seen = new List<string>();
        foreach (var type in Suites.GetExportedTypes())
        {
            seen.Add($"T:{type.FullName}");
            seen.AddRange(type.GetProperties(Declared).Where(property => property.GetMethod is { IsFamily: true }).Select(property => $"P:{type.FullName}.{property.Name}"));
            seen.AddRange(type.GetFields(Declared).Where(field => field.IsFamily).Select(field => $"F:{type.FullName}.{field.Name}"));
            seen.AddRange(type.GetMethods(Declared).Where(method => method is { IsFamily: true, IsSpecialName: false }).Select(method => $"M:{type.FullName}.{method.Name}"));
        }

        seen.Should().HaveCountGreaterThan(35);
        seen.Except(explained).Should().BeEmpty();
    }
}
