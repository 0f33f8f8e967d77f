using System.Collections.Immutable;
using EventSourcing.Generators.Evolve;
using EventSourcing.Generators.Handlers;
using EventSourcing.Generators.Model;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Diagnostics;

namespace EventSourcing.Generators.Analysis;

/// <summary>Looks at handlers that are methods: whether something calls them, and whether an <c>Evolve</c> has one for each event.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
internal sealed class HandlerAnalyzer : DiagnosticAnalyzer
{
    public override ImmutableArray<DiagnosticDescriptor> SupportedDiagnostics { get; } =
        [Rules.NotPartial, Rules.WrongHandler, Rules.UnhandledCase];

    public override void Initialize(AnalysisContext context)
    {
        context.EnableConcurrentExecution();
        context.ConfigureGeneratedCodeAnalysis(GeneratedCodeAnalysisFlags.None);
        context.RegisterCompilationStartAction(start =>
        {
            var table = new EventTable(start.Compilation);
            start.RegisterSymbolAction(symbol => LookAtClass(symbol, (INamedTypeSymbol)symbol.Symbol, table), SymbolKind.NamedType);
            start.RegisterSymbolAction(symbol => LookAtEvolve(symbol, (IMethodSymbol)symbol.Symbol, table), SymbolKind.Method);
        });
    }

    private static void LookAtClass(SymbolAnalysisContext context, INamedTypeSymbol type, EventTable table)
    {
        if (HandlerSet.Of(type) is not { IsWrittenByHand: false } set || (!set.Kind.IsSwitch && DeclaresByHand(type)))
        {
            return;
        }

        if (TypePlace.FirstClosed(type) is { } closed)
        {
            if (set.Handlers.Exists(handler => table.MayBeEvent(handler.Event)))
            {
                context.ReportDiagnostic(Diagnostic.Create(
                    Rules.NotPartial, closed.Locations[0], closed.Name, $"nothing calls the handlers of '{type.Name}'"));
            }

            return;
        }

        foreach (var method in set.Misfits.Where(method => method.Parameters.Any(parameter => table.MayBeEvent(parameter.Type))))
        {
            Report(context, method, $"a handler {set.Kind.Takes}");
        }

        foreach (var method in set.Doubles)
        {
            Report(context, method, "the event has a handler already");
        }
    }

    private static void LookAtEvolve(SymbolAnalysisContext context, IMethodSymbol method, EventTable table)
    {
        if (EvolveMethod.Of(method) is not { } evolve)
        {
            return;
        }

        foreach (var when in evolve.Misfits.Where(when => when.Parameters.Any(parameter => table.MayBeEvent(parameter.Type))))
        {
            Report(context, when, "a method When takes the event (a static one the state before it), returns the state, and is the only one for its event");
        }

        if (evolve.Event.SpecialType == SpecialType.System_Object)
        {
            return;
        }

        foreach (var unhandled in table.Events.Where(one =>
            !one.IsAbstract && one.IsKindOf(evolve.Event) && !evolve.Whens.Exists(when => one.IsKindOf(when.Event))))
        {
            context.ReportDiagnostic(Diagnostic.Create(
                Rules.UnhandledCase,
                method.Locations[0],
                ImmutableDictionary<string, string?>.Empty.Add(RaiseAnalyzer.EventProperty, unhandled.ToDisplayString(Known.Full)),
                method.ContainingType.Name,
                Known.Named(unhandled)));
        }
    }

    // On<OrderPlaced>(…) in the class itself: its methods named On may be what such calls lead to.
    private static bool DeclaresByHand(INamedTypeSymbol type) =>
        type.DeclaringSyntaxReferences.Any(reference => reference.GetSyntax().DescendantNodes().OfType<InvocationExpressionSyntax>().Any(call =>
            call.Expression is GenericNameSyntax { Identifier.ValueText: "On" or "OnEach" or "OnMessage" }
                or MemberAccessExpressionSyntax { Name: GenericNameSyntax { Identifier.ValueText: "On" or "OnEach" or "OnMessage" }, Expression: ThisExpressionSyntax }));

    private static void Report(SymbolAnalysisContext context, IMethodSymbol method, string why) =>
        context.ReportDiagnostic(Diagnostic.Create(
            Rules.WrongHandler,
            method.Locations[0],
            method.ToDisplayString(SymbolDisplayFormat.CSharpShortErrorMessageFormat),
            why));
}
