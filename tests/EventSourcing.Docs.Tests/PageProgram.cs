using System.Collections.Concurrent;
using System.Reflection;
using EventSourcing.Generators.EventTypes;
using EventSourcing.Generators.Evolve;
using EventSourcing.Generators.Handlers;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace EventSourcing.Docs;

/// <summary>All C# blocks of a page as one program: usings first, then statements, then types, each in the page's order.</summary>
internal static class PageProgram
{
    private const string ImplicitUsings =
        "global using System; global using System.Collections.Generic; global using System.IO; global using System.Linq; global using System.Threading; global using System.Threading.Tasks;";

    private static readonly MetadataReference[] References = [.. ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!)
        .Split(Path.PathSeparator)
        .Select(path => MetadataReference.CreateFromFile(path))];

    private static readonly ConcurrentDictionary<string, CSharpCompilation> Compiled = new(StringComparer.Ordinal);

    public static CSharpCompilation Of(string path) => Compiled.GetOrAdd(path, name => Compile(name, new Page(name)));

    private static CSharpCompilation Compile(string name, Page page)
    {
        var blocks = page.Blocks()
            .Select(block => (block.Line, Root: CSharpSyntaxTree.ParseText(block.Code).GetCompilationUnitRoot()))
            .ToList();
        var usings = blocks.SelectMany(block => block.Root.Usings.Select(directive => (block.Line, Node: directive))).DistinctBy(part => part.Node.Name!.ToString());
        var members = blocks.SelectMany(block => block.Root.Members.Select(member => (block.Line, Node: member))).OrderBy(part => part.Node is GlobalStatementSyntax ? 0 : 1).ToList();
        var program = string.Concat(usings.Select(part => Part(part.Line, part.Node)).Concat(members.Select(part => Part(part.Line, part.Node))));
        var hasStatements = members.Any(part => part.Node is GlobalStatementSyntax);

        // Where the part stands on the page is where the compiler is to say that its errors are.
        string Part(int line, SyntaxNode node) =>
            $"#line {line + node.SyntaxTree.GetLineSpan(node.FullSpan).StartLinePosition.Line} \"{name}\"\n{node.ToFullString()}\n";

        var compilation = CSharpCompilation.Create(
            "Page" + Guid.NewGuid().ToString("N"),
            [CSharpSyntaxTree.ParseText(ImplicitUsings), CSharpSyntaxTree.ParseText(program)],
            References,
            new CSharpCompilationOptions(
                hasStatements ? OutputKind.ConsoleApplication : OutputKind.DynamicallyLinkedLibrary,
                nullableContextOptions: NullableContextOptions.Enable));
        CSharpGeneratorDriver.Create(Generators()).RunGeneratorsAndUpdateCompilation(compilation, out var completed, out _);
        return (CSharpCompilation)completed;
    }

    private static ISourceGenerator[] Generators()
    {
        var json = Assembly.LoadFrom(Path.Combine(AppContext.BaseDirectory, "generators", "System.Text.Json.SourceGeneration.dll"))
            .GetTypes().Single(type => type.IsDefined(typeof(GeneratorAttribute), inherit: false));
        return
        [
            new EventTypesGenerator().AsSourceGenerator(),
            new HandlersGenerator().AsSourceGenerator(),
            new EvolveGenerator().AsSourceGenerator(),
            ((IIncrementalGenerator)Activator.CreateInstance(json)!).AsSourceGenerator(),
        ];
    }
}
