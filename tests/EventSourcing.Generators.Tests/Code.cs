using System.Collections.Immutable;
using EventSourcing.Generators.Analysis;
using EventSourcing.Generators.EventTypes;
using EventSourcing.Generators.Evolve;
using EventSourcing.Generators.Handlers;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeActions;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Diagnostics;

namespace EventSourcing.Generators;

/// <summary>A user's code in memory: what is generated for it, what the analyzers tell of it, what a fix makes of it.</summary>
internal sealed class Code
{
    private const string Usings = """
        global using System; global using System.Collections.Generic; global using System.IO; global using System.Linq;
        global using System.Threading; global using System.Threading.Tasks; global using EventSourcing;
        """;

    private static readonly ImmutableArray<MetadataReference> References =
    [
        .. ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator)
            .Where(path => !Path.GetFileName(path).StartsWith("EventSourcing.Generators", StringComparison.Ordinal))
            .Select(path => MetadataReference.CreateFromFile(path)),
    ];

    private readonly CSharpCompilation compilation;

    public Code(string source)
        : this(CSharpCompilation.Create(
            "Shop",
            [CSharpSyntaxTree.ParseText(Usings, path: "Usings.cs"), CSharpSyntaxTree.ParseText(source, path: "Shop.cs")],
            References,
            new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary, nullableContextOptions: NullableContextOptions.Enable)))
    {
    }

    private Code(CSharpCompilation compilation) => this.compilation = compilation;

    public static ImmutableArray<DiagnosticAnalyzer> Analyzers =>
        [new EventAnalyzer(), new EventListAnalyzer(), new HandlerAnalyzer(), new PurityAnalyzer(), new RaiseAnalyzer()];

    public CSharpCompilation Compilation => compilation;

    public static CSharpGeneratorDriver Driver() => CSharpGeneratorDriver.Create(
        [new EventTypesGenerator().AsSourceGenerator(), new HandlersGenerator().AsSourceGenerator(), new EvolveGenerator().AsSourceGenerator()],
        driverOptions: new GeneratorDriverOptions(IncrementalGeneratorOutputKind.None, trackIncrementalGeneratorSteps: true));

    /// <summary>The generated files, by name.</summary>
    public IReadOnlyDictionary<string, string> Generated() => Driver().RunGenerators(compilation).GetRunResult().Results
        .SelectMany(result => result.GeneratedSources).ToDictionary(source => source.HintName, source => source.SourceText.ToString());

    /// <summary>What the compiler has against the code and what was generated for it: errors and warnings, by id.</summary>
    public IReadOnlyList<string> Problems() =>
        [.. WithGenerated().GetDiagnostics().Where(problem => problem.Severity >= DiagnosticSeverity.Warning).Select(problem => problem.ToString())];

    /// <summary>What the analyzers tell, in the order of the text: the rule's id and the text it is told of.</summary>
    public async Task<IReadOnlyList<string>> ToldAsync() =>
        [.. (await DiagnosticsAsync()).Select(one => $"{one.Id} {one.Location.SourceTree!.GetText().ToString(one.Location.SourceSpan)}")];

    public async Task<IReadOnlyList<Diagnostic>> DiagnosticsAsync()
    {
        var told = await WithGenerated().WithAnalyzers(Analyzers).GetAnalyzerDiagnosticsAsync();
        return [.. told.OrderBy(one => one.Location.SourceSpan.Start).ThenBy(one => one.Id, StringComparer.Ordinal)];
    }

    /// <summary>The code after the first fix of the first diagnostic that has one.</summary>
    public static async Task<string> FixAsync(CodeFixProvider fix, string source)
    {
        using var workspace = new AdhocWorkspace();
        var project = workspace.AddProject("Shop", LanguageNames.CSharp)
            .WithMetadataReferences(References)
            .WithCompilationOptions(new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary, nullableContextOptions: NullableContextOptions.Enable));
        var document = project.AddDocument("Usings.cs", Usings).Project.AddDocument("Shop.cs", source);
        var code = new Code((CSharpCompilation)(await document.Project.GetCompilationAsync())!);
        foreach (var diagnostic in (await code.DiagnosticsAsync()).Where(one => fix.FixableDiagnosticIds.Contains(one.Id)))
        {
            var actions = new List<CodeAction>();
            await fix.RegisterCodeFixesAsync(new CodeFixContext(document, diagnostic, (action, _) => actions.Add(action), CancellationToken.None));
            if (actions.FirstOrDefault() is { } first)
            {
                var operation = (await first.GetOperationsAsync(CancellationToken.None)).OfType<ApplyChangesOperation>().Single();
                var text = await operation.ChangedSolution.GetDocument(document.Id)!.GetTextAsync();
                return text.ToString().ReplaceLineEndings("\n");
            }
        }

        throw new InvalidOperationException("No fix was offered.");
    }

    private Compilation WithGenerated()
    {
        Driver().RunGeneratorsAndUpdateCompilation(compilation, out var all, out var problems);
        return problems.IsEmpty ? all : throw new InvalidOperationException(string.Join(Environment.NewLine, problems));
    }
}
