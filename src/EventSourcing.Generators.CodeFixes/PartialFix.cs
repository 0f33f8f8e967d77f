using System.Composition;
using EventSourcing.Generators.Analysis;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace EventSourcing.Generators.CodeFixes;

/// <summary>Makes a type partial.</summary>
[ExportCodeFixProvider(LanguageNames.CSharp, Name = nameof(PartialFix))]
[Shared]
internal sealed class PartialFix() : SyntaxFix(Rules.NotPartialId)
{
    protected override (string Title, SyntaxNode Old, SyntaxNode New)? FixOf(SyntaxNode node, Diagnostic diagnostic) =>
        node.FirstAncestorOrSelf<TypeDeclarationSyntax>() is { } type ? ($"Make '{type.Identifier.ValueText}' partial", type, Partial(type)) : null;

    private static TypeDeclarationSyntax Partial(TypeDeclarationSyntax type)
    {
        var modifier = SyntaxFactory.Token(SyntaxKind.PartialKeyword).WithTrailingTrivia(SyntaxFactory.Space);
        return type.Modifiers.Count > 0
            ? (TypeDeclarationSyntax)type.AddModifiers(modifier)
            : (TypeDeclarationSyntax)type.WithKeyword(type.Keyword.WithLeadingTrivia()).AddModifiers(modifier.WithLeadingTrivia(type.Keyword.LeadingTrivia));
    }
}
