using EventSourcing.Generators.Model;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Operations;

namespace EventSourcing.Generators.Analysis;

/// <summary>Why a function is to be pure.</summary>
/// <param name="Name">What it is called.</param>
/// <param name="IsFold">Whether it folds events, and does not decide.</param>
internal sealed record PureRole(string Name, bool IsFold)
{
    /// <summary>The role of a method by what it is; null where it has none.</summary>
    public static PureRole? Of(IMethodSymbol method, bool raises, EventTable events)
    {
        var isAggregate = method.ContainingType.DerivesFrom(Known.Aggregate);
        return method switch
        {
            { Name: "Apply", ReturnsVoid: true } when isAggregate => new PureRole(method.Name, IsFold: true),
            _ when isAggregate && raises => new PureRole(method.Name, IsFold: false),
            { Name: "Evolve" or "When" } when IsEvolve(method, events) => new PureRole(method.Name, IsFold: true),
            { Name: "Decide" } when GivesEvents(method.ReturnType, events) => new PureRole(method.Name, IsFold: false),
            _ => null,
        };
    }

    /// <summary>The role of a function that is given to a decider, a fold or the repository; null where it has none.</summary>
    public static PureRole? OfArgument(IOperation function)
    {
        var use = function.Parent;
        while (use is IDelegateCreationOperation or IConversionOperation or IParenthesizedOperation)
        {
            use = use.Parent;
        }

        if (use is not IArgumentOperation { Parameter: { } parameter, Parent: { } call })
        {
            return null;
        }

        var isOurs = call switch
        {
            IObjectCreationOperation { Type: { } type } => type.Is(Known.Decider) || type.Is(Known.Fold),
            IInvocationOperation { TargetMethod: { Name: "ExecuteAsync" or "DecideAsync", ContainingType: var type } } =>
                type.Is("EventSourcing.IRepository") || type.Is("EventSourcing.Repository") || type.Is("EventSourcing.RepositoryExtensions"),
            IInvocationOperation { TargetMethod: { Name: "On", ContainingType: var type } } => type.Is(Known.DecisionProjection),
            _ => false,
        };
        return (isOurs, parameter.Name) switch
        {
            (true, "Decide" or "decide") => new PureRole(parameter.Name, IsFold: false),
            (true, "Evolve" or "evolve") => new PureRole(parameter.Name, IsFold: true),
            _ => null,
        };
    }

    // State Evolve(State, Event), or State When(Event) of the state itself.
    private static bool IsEvolve(IMethodSymbol method, EventTable events) => method.Parameters switch
    {
        [var state, var @event] => IsSame(method.ReturnType, state.Type) && MayBeEvent(@event.Type, events),
        [var @event] when !method.IsStatic => IsSame(method.ReturnType, method.ContainingType) && MayBeEvent(@event.Type, events),
        _ => false,
    };

    private static bool IsSame(ITypeSymbol one, ITypeSymbol other) => SymbolEqualityComparer.Default.Equals(one, other);

    private static bool GivesEvents(ITypeSymbol type, EventTable events) => type switch
    {
        IArrayTypeSymbol array => MayBeEvent(array.ElementType, events),
        INamedTypeSymbol named => named.AllInterfaces.Concat([named]).Any(contract =>
            contract.OriginalDefinition.SpecialType == SpecialType.System_Collections_Generic_IEnumerable_T && MayBeEvent(contract.TypeArguments[0], events)),
        _ => false,
    };

    private static bool MayBeEvent(ITypeSymbol type, EventTable events) => type.SpecialType == SpecialType.System_Object || events.MayBeEvent(type);
}
