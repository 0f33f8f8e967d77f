using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace EventSourcing.Docs;

/// <summary>All C# blocks of a page as one program: usings first, then statements, then types, each in the page's order.</summary>
internal static class PageProgram
{
    private const string ImplicitUsings =
        "global using System; global using System.Collections.Generic; global using System.IO; global using System.Linq; global using System.Threading; global using System.Threading.Tasks;";

    public static CSharpCompilation Compile(string name, Page page)
    {
        var roots = page.Blocks()
            .Select(block => CSharpSyntaxTree.ParseText($"#line {block.Line} \"{name}\"\n{block.Code}").GetCompilationUnitRoot())
            .ToList();
        var program = SyntaxFactory.CompilationUnit()
            .WithUsings(SyntaxFactory.List(roots.SelectMany(root => root.Usings).DistinctBy(directive => directive.Name!.ToString())))
            .WithMembers(SyntaxFactory.List(
                roots.SelectMany(root => root.Members).OrderBy(member => member is GlobalStatementSyntax ? 0 : 1)));
        var hasStatements = program.Members.OfType<GlobalStatementSyntax>().Any();
        return CSharpCompilation.Create(
            "Page" + Guid.NewGuid().ToString("N"),
            [CSharpSyntaxTree.ParseText(ImplicitUsings), CSharpSyntaxTree.ParseText(program.ToFullString())],
            References(),
            new CSharpCompilationOptions(
                hasStatements ? OutputKind.ConsoleApplication : OutputKind.DynamicallyLinkedLibrary,
                nullableContextOptions: NullableContextOptions.Enable));
    }

    private static IEnumerable<MetadataReference> References() =>
        ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!)
        .Split(Path.PathSeparator)
        .Select(path => MetadataReference.CreateFromFile(path));
}
