using System.Composition;
using EventSourcing.Generators.Analysis;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace EventSourcing.Generators.CodeFixes;

/// <summary>Adds the missing <c>Apply</c> or <c>When</c>, one that changes nothing yet.</summary>
[ExportCodeFixProvider(LanguageNames.CSharp, Name = nameof(HandlerFix))]
[Shared]
internal sealed class HandlerFix() : SyntaxFix(Rules.UnhandledEventId)
{
    protected override (string Title, SyntaxNode Old, SyntaxNode New)? FixOf(SyntaxNode node, Diagnostic diagnostic)
    {
        if (!diagnostic.Properties.TryGetValue(RaiseAnalyzer.EventProperty, out var @event)
            || @event is null
            || node.FirstAncestorOrSelf<TypeDeclarationSyntax>() is not { } type)
        {
            return null;
        }

        var name = Name(@event);
        var evolve = node.FirstAncestorOrSelf<MethodDeclarationSyntax>(method => method.Identifier.ValueText == "Evolve");
        var (title, code) = evolve is null
            ? ($"Add Apply({name})", $"private void Apply({@event} @event)\n{{\n}}\n")
            : ($"Add When({name})", $"private static {evolve.ReturnType} When({evolve.ReturnType} {evolve.ParameterList.Parameters[0].Identifier}, {@event} @event) => {evolve.ParameterList.Parameters[0].Identifier};\n");
        var method = (MethodDeclarationSyntax)SyntaxFactory.ParseMemberDeclaration(code)!;
        return (title, type, type.AddMembers(Tidy(method.WithLeadingTrivia(SyntaxFactory.ElasticCarriageReturnLineFeed))));
    }

    private static string Name(string type) => type.Substring(type.LastIndexOf('.') + 1);
}
