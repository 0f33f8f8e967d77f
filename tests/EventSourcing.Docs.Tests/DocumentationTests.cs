using System.Reflection;
using EventSourcing.Generators.Analysis;
using EventSourcing.TestInfrastructure;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;

namespace EventSourcing.Docs;

/// <summary>The documentation is true as far as a machine can tell.</summary>
public sealed class DocumentationTests
{
    [Theory]
    [MemberData(nameof(Page.All), MemberType = typeof(Page))]
    public void Its_code_compiles(string path)
    {
        var compilation = PageProgram.Of(path);

        compilation.GetDiagnostics().Where(diagnostic => diagnostic.Severity == DiagnosticSeverity.Error).Should().BeEmpty();
    }

    [Theory]
    [MemberData(nameof(Page.All), MemberType = typeof(Page))]
    public void Its_links_lead_somewhere(string path)
    {
        foreach (var (file, heading) in new Page(path).Links())
        {
            File.Exists(file).Should().BeTrue($"{path} links to {file}");
            if (heading is not null)
            {
                new Page(Path.GetRelativePath(SourceTree.Root, file)).Anchors().Should().Contain(heading, $"{path} links to it");
            }
        }
    }

    [Fact]
    public void The_program_on_the_first_screen_prints_what_it_says() => Run("README.md").Should().Be("70 at version 2");

    [Fact]
    public void The_scenarios_on_the_page_about_testing_hold() =>
        Run(Path.Combine("docs", "testing.md")).ReplaceLineEndings("\n").Should().Be("Thank you, ada\n1\nTrue");

    [Fact]
    public void The_first_program_is_short()
    {
        var (line, code) = new Page("README.md").Blocks().First();

        line.Should().BeLessThan(10);
        code.Trim().Split('\n').Count(text => text.Trim().Length > 1).Should().BeLessThanOrEqualTo(20);
    }

    [Fact]
    public void Every_rule_of_the_analyzers_has_a_section_where_its_help_link_leads()
    {
        DiagnosticAnalyzer[] analyzers = [.. typeof(Rules).Assembly.GetTypes().Where(type => type.IsSubclassOf(typeof(DiagnosticAnalyzer))).Select(type => (DiagnosticAnalyzer)Activator.CreateInstance(type)!)];
        var rules = analyzers.SelectMany(analyzer => analyzer.SupportedDiagnostics).ToList();

        rules.Select(rule => rule.Id).Distinct().Should().HaveCount(8);
        rules.Should().OnlyContain(rule => rule.HelpLinkUri.EndsWith("docs/generators.md#" + rule.Id.ToLowerInvariant()));
        new Page("docs/generators.md").Anchors().Should().Contain(rules.Select(rule => rule.Id.ToLowerInvariant()));
    }

    [Theory]
    [MemberData(nameof(Page.All), MemberType = typeof(Page))]
    public async Task Its_code_gives_the_analyzers_nothing_to_tell(string path)
    {
        var told = await PageProgram.Of(path)
            .WithAnalyzers([new EventAnalyzer(), new EventListAnalyzer(), new HandlerAnalyzer(), new PurityAnalyzer(), new RaiseAnalyzer()])
            .GetAnalyzerDiagnosticsAsync(TestContext.Current.CancellationToken);

        told.Should().BeEmpty();
    }

    [Fact]
    public void Every_exception_and_every_option_is_explained()
    {
        var text = string.Concat(Directory.EnumerateFiles(Path.Combine(SourceTree.Root, "docs"), "*.md").Select(File.ReadAllText));
        Assembly[] packages = [typeof(IEventStore).Assembly, typeof(PostgreSql.PostgreSqlEventStore).Assembly, typeof(InMemory.InMemoryEventStore).Assembly, typeof(RabbitMq.RabbitMqPublisher).Assembly, typeof(HealthChecks.EventSourcingHealthOptions).Assembly, typeof(Tenants.ITenants).Assembly, typeof(Testing.Scenario).Assembly];
        var names = packages.SelectMany(package => package.GetExportedTypes()).Where(type => type.IsAssignableTo(typeof(Exception))).Select(type => type.Name)
            .Concat(typeof(PostgreSql.PostgreSqlOptions).GetProperties().Select(property => property.Name))
            .Concat(typeof(RabbitMq.RabbitMqOptions).GetProperties().Select(property => property.Name))
            .Concat(typeof(Tenants.TenantsOptions).GetProperties().Select(property => property.Name))
            .Concat(typeof(HealthChecks.EventSourcingHealthOptions).GetProperties().Select(property => property.Name));

        names.Where(name => !text.Contains($"`{name}`", StringComparison.Ordinal)).Should().BeEmpty();
    }

    private static string Run(string path)
    {
        using var image = new MemoryStream();
        PageProgram.Of(path).Emit(image).Success.Should().BeTrue();
        var main = Assembly.Load(image.ToArray()).EntryPoint!;
        using var output = new StringWriter();
        var console = Console.Out;
        Console.SetOut(output);
        try
        {
            main.Invoke(null, main.GetParameters().Length == 0 ? null : [Array.Empty<string>()]);
        }
        finally
        {
            Console.SetOut(console);
        }

        return output.ToString().Trim();
    }
}
