using EventSourcing.Generators.Model;
using Microsoft.CodeAnalysis;

namespace EventSourcing.Generators.Handlers;

/// <summary><c>void On(OrderPlaced placed, EventEnvelope envelope)</c> of a projection, or one that returns a task.</summary>
internal sealed class ProjectionHandlers() : HandlerKind(
    "EventSourcing.Projection",
    "takes the event, if wanted its EventEnvelope, and returns nothing; one that returns a Task may take a CancellationToken, too",
    "On")
{
    public override Handler? HandlerOf(IMethodSymbol method)
    {
        if (method.ReturnsVoid && Call(method, eventAt: 0, (Envelope, "envelope")) is var (@event, call))
        {
            return new Handler(@event, $"base.On<{@event.ToDisplayString(Known.Full)}>((@event, envelope) => {call});");
        }

        return method.ReturnType.Is(Task)
            && Call(method, eventAt: 0, (Envelope, "envelope"), (CancellationToken, "cancellationToken")) is var (awaited, asyncCall)
            ? new Handler(awaited, $"base.On<{awaited.ToDisplayString(Known.Full)}>((@event, envelope, cancellationToken) => {asyncCall});")
            : null;
    }
}
