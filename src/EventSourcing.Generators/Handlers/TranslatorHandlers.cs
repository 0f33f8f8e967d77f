using EventSourcing.Generators.Model;
using Microsoft.CodeAnalysis;

namespace EventSourcing.Generators.Handlers;

/// <summary><c>PublicMessage? On(OrderPlaced placed, EventEnvelope envelope)</c> of a translator, or one that returns several.</summary>
internal sealed class TranslatorHandlers() : HandlerKind(
    "EventSourcing.MessageTranslator", "takes the event, if wanted its EventEnvelope, and returns a PublicMessage or several", "On")
{
    private const string Message = "EventSourcing.PublicMessage";

    public override Handler? HandlerOf(IMethodSymbol method)
    {
        var declare = method.ReturnType.Is(Message) ? "On" : IsSeveral(method.ReturnType) ? "OnEach" : null;
        return declare is not null && Call(method, eventAt: 0, (Envelope, "envelope")) is var (@event, call)
            ? new Handler(@event, $"base.{declare}<{@event.ToDisplayString(Known.Full)}>((@event, envelope) => {call});")
            : null;
    }

    private static bool IsSeveral(ITypeSymbol type) => type.AllInterfaces.Concat([type]).OfType<INamedTypeSymbol>().Any(contract =>
        contract.OriginalDefinition.SpecialType == SpecialType.System_Collections_Generic_IEnumerable_T && contract.TypeArguments[0].Is(Message));
}
