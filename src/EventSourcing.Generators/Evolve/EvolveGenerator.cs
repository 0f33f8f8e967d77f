using EventSourcing.Generators.Model;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace EventSourcing.Generators.Evolve;

/// <summary>Writes the body of a partial method <c>Evolve</c>: calls the method <c>When</c> of the event's class.</summary>
[Generator(LanguageNames.CSharp)]
internal sealed class EvolveGenerator : IIncrementalGenerator
{
    public const string MethodsStep = "Methods";

    public void Initialize(IncrementalGeneratorInitializationContext context)
    {
        var methods = context.SyntaxProvider
            .CreateSyntaxProvider(
                static (node, _) => node is MethodDeclarationSyntax { Identifier.ValueText: "Evolve", Body: null, ExpressionBody: null } method
                    && method.Modifiers.Any(SyntaxKind.PartialKeyword),
                static (found, cancellationToken) => ModelOf(found, cancellationToken))
            .Where(static model => model is not null)
            .WithTrackingName(MethodsStep);

        context.RegisterSourceOutput(methods, static (output, model) =>
            output.AddSource(model!.Place.FileName(EvolveMethod.FilePart), model.Place.File(model.Lines)));
    }

    // Two of them in one type would want one file; the first is written, and the compiler tells of the other.
    private static EvolveModel? ModelOf(GeneratorSyntaxContext found, CancellationToken cancellationToken) =>
        found.SemanticModel.GetDeclaredSymbol(found.Node, cancellationToken) is IMethodSymbol method
            && EvolveMethod.Of(method) is { Whens.Count: > 0 } evolve
            && TypePlace.IsOpen(method.ContainingType)
            && SymbolEqualityComparer.Default.Equals(method.ContainingType.GetMembers("Evolve").OfType<IMethodSymbol>().FirstOrDefault(other => EvolveMethod.Of(other) is not null), method)
            ? new EvolveModel(TypePlace.Of(method.ContainingType), new EquatableArray<string>(evolve.Member()))
            : null;
}
