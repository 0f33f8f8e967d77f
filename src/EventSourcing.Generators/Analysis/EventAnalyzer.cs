using System.Collections.Immutable;
using EventSourcing.Generators.Model;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;

namespace EventSourcing.Generators.Analysis;

/// <summary>Looks at event classes: what can be set, names that are taken.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
internal sealed class EventAnalyzer : DiagnosticAnalyzer
{
    public override ImmutableArray<DiagnosticDescriptor> SupportedDiagnostics { get; } =
        [Rules.PublicSetter, Rules.InheritedSetter, Rules.SharedName];

    public override void Initialize(AnalysisContext context)
    {
        context.EnableConcurrentExecution();
        context.ConfigureGeneratedCodeAnalysis(GeneratedCodeAnalysisFlags.None);
        context.RegisterCompilationStartAction(start =>
        {
            if (start.Compilation.GetTypeByMetadataName(Known.EventTypeAttribute) is null)
            {
                return;
            }

            var byName = new Lazy<ILookup<string, INamedTypeSymbol>>(() =>
                new EventTable(start.Compilation).Events.Where(IsShared).ToLookup(type => Known.StoredNameOf(type)!, StringComparer.Ordinal));
            start.RegisterSymbolAction(
                symbol =>
                {
                    var type = (INamedTypeSymbol)symbol.Symbol;
                    if (Known.StoredNameOf(type) is { } name)
                    {
                        LookAtSetters(symbol, type);
                        LookAtName(symbol, type, name, byName.Value);
                    }
                },
                SymbolKind.NamedType);
        });
    }

    private static void LookAtSetters(SymbolAnalysisContext context, INamedTypeSymbol type)
    {
        foreach (var property in type.SelfAndBases().SelectMany(one => one.GetMembers().OfType<IPropertySymbol>()).Where(IsOpen))
        {
            var isOwn = SymbolEqualityComparer.Default.Equals(property.ContainingType, type);
            context.ReportDiagnostic(Diagnostic.Create(
                isOwn ? Rules.PublicSetter : Rules.InheritedSetter,
                (isOwn ? property : (ISymbol)type).Locations[0],
                property.Name,
                type.Name));
        }
    }

    // Classes of test classes have a name to themselves, and a registry.
    private static bool IsShared(INamedTypeSymbol type) => type.IsGenericType || type.CanBeNamed();

    private static bool IsOpen(IPropertySymbol property) =>
        property is { IsStatic: false, IsOverride: false, DeclaredAccessibility: Accessibility.Public, SetMethod: { IsInitOnly: false, DeclaredAccessibility: Accessibility.Public } };

    private static void LookAtName(
        SymbolAnalysisContext context, INamedTypeSymbol type, string name, ILookup<string, INamedTypeSymbol> byName)
    {
        if (IsShared(type) && byName[name].FirstOrDefault(other => !SymbolEqualityComparer.Default.Equals(other, type)) is { } other)
        {
            context.ReportDiagnostic(Diagnostic.Create(Rules.SharedName, type.Locations[0], name, Known.Named(type), Known.Named(other)));
        }
    }
}
