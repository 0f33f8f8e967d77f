using System.Composition;
using EventSourcing.Generators.Analysis;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace EventSourcing.Generators.CodeFixes;

/// <summary>Makes <c>set</c> of an event <c>init</c>, and a record struct readonly.</summary>
[ExportCodeFixProvider(LanguageNames.CSharp, Name = nameof(InitOnlyFix))]
[Shared]
internal sealed class InitOnlyFix() : SyntaxFix(Rules.PublicSetterId)
{
    protected override (string Title, SyntaxNode Old, SyntaxNode New)? FixOf(SyntaxNode node, Diagnostic diagnostic) => node switch
    {
        PropertyDeclarationSyntax property when property.AccessorList?.Accessors.FirstOrDefault(one => one.IsKind(SyntaxKind.SetAccessorDeclaration)) is { } set =>
            ("Let it be set only while the event is made (init)", set, Init(set)),
        ParameterSyntax { Parent.Parent: RecordDeclarationSyntax { RawKind: (int)SyntaxKind.RecordStructDeclaration } record } =>
            ("Make the record struct readonly", record, ReadOnly(record)),
        _ => null,
    };

    private static AccessorDeclarationSyntax Init(AccessorDeclarationSyntax set) =>
        SyntaxFactory.AccessorDeclaration(
                SyntaxKind.InitAccessorDeclaration,
                set.AttributeLists,
                set.Modifiers,
                SyntaxFactory.Token(SyntaxKind.InitKeyword).WithTriviaFrom(set.Keyword),
                set.Body,
                set.ExpressionBody,
                set.SemicolonToken);

    private static RecordDeclarationSyntax ReadOnly(RecordDeclarationSyntax record)
    {
        var modifier = SyntaxFactory.Token(SyntaxKind.ReadOnlyKeyword).WithTrailingTrivia(SyntaxFactory.Space);
        var partial = record.Modifiers.IndexOf(SyntaxKind.PartialKeyword);
        if (record.Modifiers.Count > 0)
        {
            return record.WithModifiers(record.Modifiers.Insert(partial < 0 ? record.Modifiers.Count : partial, modifier));
        }

        return record.WithKeyword(record.Keyword.WithLeadingTrivia()).AddModifiers(modifier.WithLeadingTrivia(record.Keyword.LeadingTrivia));
    }
}
