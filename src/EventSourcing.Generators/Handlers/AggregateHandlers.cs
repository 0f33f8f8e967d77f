using EventSourcing.Generators.Model;
using Microsoft.CodeAnalysis;

namespace EventSourcing.Generators.Handlers;

/// <summary><c>void Apply(OrderPlaced placed)</c> of an aggregate.</summary>
internal sealed class AggregateHandlers() : HandlerKind(Known.Aggregate, "takes the event alone and returns nothing", "Apply")
{
    public override bool IsSwitch => true;

    public override string Overridden => "Apply";

    public override Handler? HandlerOf(IMethodSymbol method) =>
        method.ReturnsVoid && Call(method, eventAt: 0) is var (@event, call)
            ? new Handler(@event, $"case {@event.ToDisplayString(Known.Full)} @event: {call}; break;")
            : null;

    // Apply(discount, customer) is what an aggregate may offer to others.
    protected override bool IsCandidate(IMethodSymbol method) =>
        method.Parameters is [{ Type.SpecialType: not SpecialType.System_Object }];
}
