using EventSourcing.Generators.Model;
using Microsoft.CodeAnalysis;

namespace EventSourcing.Generators.Handlers;

/// <summary>
/// <c>Order On(Order order, OrderPaid paid)</c> of a view projection, and <c>string KeyOf(OrderPaid paid)</c> for events whose view is
/// not that of their stream.
/// </summary>
internal sealed class ViewHandlers() : HandlerKind(
    "EventSourcing.ViewProjection`1", "takes the view, where it needs one, the event, if wanted the ViewContext, and returns the view", "On")
{
    public override Handler? HandlerOf(IMethodSymbol method)
    {
        var view = BaseOf(method.ContainingType).TypeArguments[0];
        var takesView = method.Parameters.Length > 0 && IsView(method.Parameters[0].Type);
        if (!IsView(method.ReturnType)
            || Call(method, takesView ? 1 : 0, ("EventSourcing.ViewContext", "context")) is not var (@event, call))
        {
            return null;
        }

        var type = @event.ToDisplayString(Known.Full);
        var fold = $"(view, @event, context) => {(takesView ? WithFirst(call, View(method.Parameters[0], view, @event)) : call)}";
        var statement = KeyOf(method.ContainingType, @event) switch
        {
            null => $"base.On<{type}>({fold});",
            (var key, false) => $"base.On<{type}>((@event, envelope) => {key}, {fold});",
            (var keys, true) => $"base.OnEach<{type}>((@event, envelope) => {keys}, {fold});",
        };
        return new Handler(@event, statement);

        bool IsView(ITypeSymbol one) => SymbolEqualityComparer.Default.Equals(one, view);
    }

    // A handler that does not take null is for views that there are.
    private static string View(IParameterSymbol parameter, ITypeSymbol view, ITypeSymbol @event) => parameter.NullableAnnotation switch
    {
        NullableAnnotation.Annotated => "view",
        NullableAnnotation.None => "view!",
        _ => $"view ?? throw new global::System.InvalidOperationException($\"There is no {view.Name} '{{context.Key}}' for {@event.Name}; a handler that makes one takes a '{view.Name}?'.\")",
    };

    /// <summary>The KeyOf method for an event: the one for its own class, otherwise the first for a base or interface of it.</summary>
    private static (string Call, bool IsSeveral)? KeyOf(INamedTypeSymbol type, ITypeSymbol @event)
    {
        var keys = type.GetMembers("KeyOf").OfType<IMethodSymbol>()
            .Select(method => (Method: method, Call: Call(method, eventAt: 0, (Envelope, "envelope"))))
            .Where(key => key.Call is var (of, _) && @event.IsKindOf(of) && (IsText(key.Method.ReturnType) || IsTexts(key.Method.ReturnType)))
            .ToList();
        if (keys.Count == 0)
        {
            return null;
        }

        var best = keys.Find(key => SymbolEqualityComparer.Default.Equals(key.Call!.Value.Event, @event));
        var (chosen, call) = best.Method is null ? keys[0] : best;
        return (call!.Value.Call, !IsText(chosen.ReturnType));
    }

    private static bool IsText(ITypeSymbol type) => type.SpecialType == SpecialType.System_String;

    private static bool IsTexts(ITypeSymbol type) => type.AllInterfaces.Concat([type]).OfType<INamedTypeSymbol>().Any(contract =>
        contract.OriginalDefinition.SpecialType == SpecialType.System_Collections_Generic_IEnumerable_T && IsText(contract.TypeArguments[0]));
}
