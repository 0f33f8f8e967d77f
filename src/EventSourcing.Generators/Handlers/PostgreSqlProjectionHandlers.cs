using EventSourcing.Generators.Model;
using Microsoft.CodeAnalysis;

namespace EventSourcing.Generators.Handlers;

/// <summary><c>Task On(OrderPlaced placed, EventEnvelope envelope, ProjectionTransaction transaction)</c> of a projection in SQL.</summary>
internal sealed class PostgreSqlProjectionHandlers() : HandlerKind(
    "EventSourcing.PostgreSql.PostgreSqlProjection",
    "takes the event, if wanted its EventEnvelope and the ProjectionTransaction, and returns a Task",
    "On")
{
    public override Handler? HandlerOf(IMethodSymbol method) =>
        method.ReturnType.Is(Task)
            && Call(method, eventAt: 0, (Envelope, "envelope"), ("EventSourcing.PostgreSql.ProjectionTransaction", "transaction")) is var (@event, call)
            ? new Handler(@event, $"base.On<{@event.ToDisplayString(Known.Full)}>((@event, envelope, transaction) => {call});")
            : null;
}
