using EventSourcing.Generators.Model;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace EventSourcing.Generators.Handlers;

/// <summary>Calls the <c>Apply</c> methods of partial aggregates, and the <c>On</c> methods of partial projections, reactors and translators.</summary>
[Generator(LanguageNames.CSharp)]
internal sealed class HandlersGenerator : IIncrementalGenerator
{
    public const string ClassesStep = "Classes";

    public void Initialize(IncrementalGeneratorInitializationContext context)
    {
        var classes = context.SyntaxProvider
            .CreateSyntaxProvider(static (node, _) => IsCandidate(node), static (found, cancellationToken) => ModelOf(found, cancellationToken))
            .Where(static model => model is not null)
            .WithTrackingName(ClassesStep);

        context.RegisterSourceOutput(classes, static (output, model) =>
            output.AddSource(model!.Place.FileName("Handlers"), model.Place.File(model.Lines)));
    }

    private static bool IsCandidate(SyntaxNode node) =>
        node is ClassDeclarationSyntax { BaseList: not null } declaration && declaration.Modifiers.Any(SyntaxKind.PartialKeyword);

    private static HandlerClass? ModelOf(GeneratorSyntaxContext found, CancellationToken cancellationToken) =>
        found.SemanticModel.GetDeclaredSymbol(found.Node, cancellationToken) is INamedTypeSymbol type
            && HandlerSet.Of(type) is { IsWrittenByHand: false, Handlers.Count: > 0 } set
            && TypePlace.IsOpen(type)
            && TypePlace.IsFirst(type, found.Node, IsCandidate)
            ? new HandlerClass(TypePlace.Of(type), new EquatableArray<string>(set.Member()))
            : null;
}
