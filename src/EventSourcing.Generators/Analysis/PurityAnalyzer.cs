using System.Collections.Concurrent;
using System.Collections.Immutable;
using EventSourcing.Generators.Model;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;

namespace EventSourcing.Generators.Analysis;

/// <summary>
/// Looks for a clock or I/O in what is to be pure: aggregates, deciders, folds, and what they call in their own class. A method of
/// another class is trusted.
/// </summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
internal sealed class PurityAnalyzer : DiagnosticAnalyzer
{
    public override ImmutableArray<DiagnosticDescriptor> SupportedDiagnostics { get; } = [Rules.ImpureDecision];

    public override void Initialize(AnalysisContext context)
    {
        context.EnableConcurrentExecution();
        context.ConfigureGeneratedCodeAnalysis(GeneratedCodeAnalysisFlags.None);
        context.RegisterCompilationStartAction(start =>
        {
            if (start.Compilation.GetTypeByMetadataName(Known.Aggregate) is null)
            {
                return;
            }

            var events = new EventTable(start.Compilation);
            start.RegisterSymbolStartAction(
                symbol =>
                {
                    var type = (INamedTypeSymbol)symbol.Symbol;
                    var functions = new ConcurrentBag<(ISymbol Owner, PureFunction Function)>();
                    symbol.RegisterOperationBlockAction(block =>
                    {
                        // Classes inside of it come by as well.
                        if (SymbolEqualityComparer.Default.Equals(block.OwningSymbol.ContainingType, type))
                        {
                            functions.Add((block.OwningSymbol, new PureFunction(type, block.OperationBlocks)));
                        }
                    });
                    symbol.RegisterSymbolEndAction(end => Report(end, functions, events));
                },
                SymbolKind.NamedType);
        });
    }

    private static void Report(
        SymbolAnalysisContext context, ConcurrentBag<(ISymbol Owner, PureFunction Function)> functions, EventTable events)
    {
        var byMethod = new Dictionary<ISymbol, PureFunction>(SymbolEqualityComparer.Default);
        var roots = new List<(PureRole Role, PureFunction Function)>();
        foreach (var (owner, function) in functions)
        {
            byMethod[owner] = function;
        }

        foreach (var (owner, function) in functions)
        {
            Gather(owner, function);
        }

        // Folds first: they are held to more.
        var told = new HashSet<Location>();
        foreach (var (role, function) in roots.OrderByDescending(root => root.Role.IsFold).ThenBy(root => root.Role.Name, StringComparer.Ordinal))
        {
            Follow(role, function, []);
        }

        void Gather(ISymbol? owner, PureFunction function)
        {
            if (owner is IMethodSymbol method && PureRole.Of(method, Raises(function, []), events) is { } own)
            {
                roots.Add((own, function));
            }

            foreach (var (role, given) in function.MethodsWithRoles)
            {
                if (byMethod.TryGetValue(given.OriginalDefinition, out var target))
                {
                    roots.Add((role with { Name = given.Name }, target));
                }
            }

            foreach (var (role, lambda) in function.LambdasWithRoles)
            {
                roots.Add((role, lambda));
                Gather(owner: null, lambda);
            }
        }

        bool Raises(PureFunction function, HashSet<PureFunction> seen) =>
            function.Raises || (seen.Add(function) && function.Calls.Any(called => byMethod.TryGetValue(called, out var next) && Raises(next, seen)));

        void Follow(PureRole role, PureFunction function, HashSet<PureFunction> seen)
        {
            if (!seen.Add(function))
            {
                return;
            }

            foreach (var (impurity, name, location) in function.Impurities)
            {
                if ((role.IsFold || !impurity.IsChance) && told.Add(location))
                {
                    context.ReportDiagnostic(Diagnostic.Create(Rules.ImpureDecision, location, name, impurity.What, role.Name, impurity.Instead));
                }
            }

            foreach (var called in function.Calls)
            {
                if (byMethod.TryGetValue(called, out var next))
                {
                    Follow(role, next, seen);
                }
            }
        }
    }
}
