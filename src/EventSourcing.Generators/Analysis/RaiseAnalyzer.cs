using System.Collections.Concurrent;
using System.Collections.Immutable;
using EventSourcing.Generators.Model;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Operations;

namespace EventSourcing.Generators.Analysis;

/// <summary>Looks at what an aggregate raises, and whether it handles it: in methods <c>Apply</c> or in an <c>Apply</c> written by hand.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
internal sealed class RaiseAnalyzer : DiagnosticAnalyzer
{
    /// <summary>The property of the diagnostic that holds the event's class, for the fix; only where handlers are methods.</summary>
    public const string EventProperty = "Event";

    public override ImmutableArray<DiagnosticDescriptor> SupportedDiagnostics { get; } = [Rules.UnhandledEvent];

    public override void Initialize(AnalysisContext context)
    {
        context.EnableConcurrentExecution();
        context.ConfigureGeneratedCodeAnalysis(GeneratedCodeAnalysisFlags.None);
        context.RegisterSymbolStartAction(
            start =>
            {
                var type = (INamedTypeSymbol)start.Symbol;

                // What an abstract one raises may be handled by those that derive from it.
                if (type.IsAbstract || !type.DerivesFrom(Known.Aggregate))
                {
                    return;
                }

                var raised = new ConcurrentBag<(ITypeSymbol Event, Location Location)>();
                var handled = new HandledEvents(type);
                start.RegisterOperationAction(
                    operation =>
                    {
                        if (IsOf(type, operation.ContainingSymbol))
                        {
                            Gather((IInvocationOperation)operation.Operation, raised);
                        }
                    },
                    OperationKind.Invocation);
                start.RegisterOperationBlockAction(block =>
                {
                    if (IsOf(type, block.OwningSymbol))
                    {
                        handled.Read(block.OwningSymbol, block.OperationBlocks);
                    }
                });
                start.RegisterSymbolEndAction(end => Report(end, type, raised, handled));
            },
            SymbolKind.NamedType);
    }

    // Classes inside of it come by as well.
    private static bool IsOf(INamedTypeSymbol type, ISymbol member) => SymbolEqualityComparer.Default.Equals(member.ContainingType, type);

    private static void Gather(IInvocationOperation call, ConcurrentBag<(ITypeSymbol Event, Location Location)> raised)
    {
        if (call.TargetMethod.Name == "Raise" && call.TargetMethod.ContainingType.Is(Known.Aggregate) && call.Arguments is [var argument])
        {
            foreach (var one in Outcomes(argument.Value))
            {
                if (one.Type is INamedTypeSymbol { TypeKind: TypeKind.Class or TypeKind.Struct, IsAbstract: false, SpecialType: SpecialType.None } type)
                {
                    raised.Add((type, one.Syntax.GetLocation()));
                }
            }
        }
    }

    /// <summary>What an expression may come to, as exactly as its parts tell.</summary>
    private static IEnumerable<IOperation> Outcomes(IOperation value) => value switch
    {
        IConversionOperation conversion => Outcomes(conversion.Operand),
        ISwitchExpressionOperation choice => choice.Arms.SelectMany(arm => Outcomes(arm.Value)),
        IConditionalOperation { WhenFalse: { } otherwise } choice => Outcomes(choice.WhenTrue).Concat(Outcomes(otherwise)),
        ICoalesceOperation choice => Outcomes(choice.Value).Concat(Outcomes(choice.WhenNull)),
        IThrowOperation => [],
        _ => [value],
    };

    private static void Report(
        SymbolAnalysisContext context, INamedTypeSymbol type, ConcurrentBag<(ITypeSymbol Event, Location Location)> raised, HandledEvents handled)
    {
        foreach (var (@event, location) in raised.Where(one => !handled.MayHandle(one.Event)))
        {
            var properties = handled.ByMethods
                ? ImmutableDictionary<string, string?>.Empty.Add(EventProperty, @event.ToDisplayString(Known.Full))
                : ImmutableDictionary<string, string?>.Empty;
            context.ReportDiagnostic(Diagnostic.Create(Rules.UnhandledEvent, location, properties, type.Name, Known.Named(@event)));
        }
    }
}
