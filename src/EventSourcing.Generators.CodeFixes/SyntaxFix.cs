using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeActions;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.Formatting;
using Microsoft.CodeAnalysis.Simplification;

namespace EventSourcing.Generators.CodeFixes;

/// <summary>A fix that puts one node in the place of another.</summary>
internal abstract class SyntaxFix(string diagnosticId) : CodeFixProvider
{
    public override ImmutableArray<string> FixableDiagnosticIds { get; } = [diagnosticId];

    public override FixAllProvider GetFixAllProvider() => WellKnownFixAllProviders.BatchFixer;

    public override async Task RegisterCodeFixesAsync(CodeFixContext context)
    {
        var root = await context.Document.GetSyntaxRootAsync(context.CancellationToken).ConfigureAwait(false);
        foreach (var diagnostic in context.Diagnostics)
        {
            if (root?.FindNode(diagnostic.Location.SourceSpan, getInnermostNodeForTie: true) is { } node && FixOf(node, diagnostic) is var (title, old, with))
            {
                context.RegisterCodeFix(
                    CodeAction.Create(
                        title,
                        _ => Task.FromResult(context.Document.WithSyntaxRoot(root.ReplaceNode(old, with))),
                        equivalenceKey: title),
                    diagnostic);
            }
        }
    }

    /// <summary>What is new is formatted as its surroundings are, and names no more of a namespace than it must. What was there is left alone.</summary>
    protected static TNode Tidy<TNode>(TNode added)
        where TNode : SyntaxNode => added.WithAdditionalAnnotations(Formatter.Annotation, Simplifier.Annotation);

    /// <summary>What is done about a diagnostic; null for nothing.</summary>
    protected abstract (string Title, SyntaxNode Old, SyntaxNode New)? FixOf(SyntaxNode node, Diagnostic diagnostic);
}
