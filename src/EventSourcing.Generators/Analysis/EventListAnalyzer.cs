using System.Collections.Immutable;
using EventSourcing.Generators.Model;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;

namespace EventSourcing.Generators.Analysis;

/// <summary>Looks at the lists of all events (<c>IEventTypes</c>): whether they can be filled in, and whether their JSON is complete.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
internal sealed class EventListAnalyzer : DiagnosticAnalyzer
{
    /// <summary>The property of the diagnostic that holds the missing classes, for the fix.</summary>
    public const string MissingProperty = "Missing";

    public override ImmutableArray<DiagnosticDescriptor> SupportedDiagnostics { get; } =
        [Rules.NotPartial, Rules.MissingFromContext, Rules.UnlistedEvent];

    public override void Initialize(AnalysisContext context)
    {
        context.EnableConcurrentExecution();
        context.ConfigureGeneratedCodeAnalysis(GeneratedCodeAnalysisFlags.None);
        context.RegisterCompilationStartAction(start =>
        {
            var table = new EventTable(start.Compilation);
            start.RegisterSymbolAction(symbol => LookAt(symbol, (INamedTypeSymbol)symbol.Symbol, table), SymbolKind.NamedType);
        });
    }

    private static void LookAt(SymbolAnalysisContext context, INamedTypeSymbol type, EventTable table)
    {
        if (type.TypeKind != TypeKind.Class || !type.Implements(Known.IEventTypes))
        {
            return;
        }

        if (TypePlace.FirstClosed(type) is { } closed)
        {
            context.ReportDiagnostic(Diagnostic.Create(
                Rules.NotPartial, closed.Locations[0], closed.Name, "the generator cannot fill in the events"));
            return;
        }

        foreach (var hidden in table.Events.Where(one => !one.CanBeNamed()))
        {
            context.ReportDiagnostic(Diagnostic.Create(
                Rules.UnlistedEvent, hidden.Locations[0], Known.Named(hidden), hidden.IsGenericType ? "generic" : "not visible to it", type.Name));
        }

        if (type.DerivesFrom(Known.JsonContext) && Missing(type, table) is { Length: > 0 } missing)
        {
            context.ReportDiagnostic(Diagnostic.Create(
                Rules.MissingFromContext,
                type.Locations[0],
                ImmutableDictionary<string, string?>.Empty.Add(MissingProperty, string.Join(";", missing.Select(one => one.ToDisplayString(Known.Full)))),
                type.Name,
                string.Join(", ", missing.Select(one => $"'{Known.Named(one)}'"))));
        }
    }

    private static INamedTypeSymbol[] Missing(INamedTypeSymbol context, EventTable table)
    {
        var listed = context.GetAttributes()
            .Where(attribute => attribute.AttributeClass.Is(Known.JsonSerializable))
            .Select(attribute => attribute.ConstructorArguments.FirstOrDefault().Value)
            .OfType<ITypeSymbol>()
            .ToImmutableHashSet<ISymbol>(SymbolEqualityComparer.Default);
        return [.. table.Events.Where(one => one.CanBeNamed() && !listed.Contains(one)).OrderBy(one => one.Name, StringComparer.Ordinal)];
    }
}
