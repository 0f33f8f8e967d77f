using System.Composition;
using EventSourcing.Generators.Analysis;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace EventSourcing.Generators.CodeFixes;

/// <summary>Adds the missing events to a JSON context.</summary>
[ExportCodeFixProvider(LanguageNames.CSharp, Name = nameof(ContextFix))]
[Shared]
internal sealed class ContextFix() : SyntaxFix(Rules.MissingFromContextId)
{
    protected override (string Title, SyntaxNode Old, SyntaxNode New)? FixOf(SyntaxNode node, Diagnostic diagnostic)
    {
        if (!diagnostic.Properties.TryGetValue(EventListAnalyzer.MissingProperty, out var missing)
            || missing is null
            || node.FirstAncestorOrSelf<ClassDeclarationSyntax>() is not { } context)
        {
            return null;
        }

        // What stands above the class stays above it: a comment belongs before the first attribute.
        var above = context.GetLeadingTrivia();
        var added = missing.Split(';').Select(type => Tidy(SyntaxFactory.AttributeList(SyntaxFactory.SingletonSeparatedList(
                SyntaxFactory.Attribute(SyntaxFactory.ParseName("global::System.Text.Json.Serialization.JsonSerializable"))
                    .AddArgumentListArguments(SyntaxFactory.AttributeArgument(SyntaxFactory.TypeOfExpression(SyntaxFactory.ParseTypeName(type))))))
            .WithTrailingTrivia(SyntaxFactory.ElasticCarriageReturnLineFeed)));
        var bare = context.WithLeadingTrivia();
        return ("List all events", context, bare.WithAttributeLists(bare.AttributeLists.AddRange(added)).WithLeadingTrivia(above));
    }
}
