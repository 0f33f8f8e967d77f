using EventSourcing.Generators.Model;
using Microsoft.CodeAnalysis;

namespace EventSourcing.Generators.Handlers;

/// <summary><c>Task On(OrderPlaced placed, ReactorContext context)</c> of a reactor, and <c>OnMessage</c> for what it has scheduled.</summary>
internal sealed class ReactorHandlers() : HandlerKind(
    "EventSourcing.Reactor", "takes the event, if wanted the ReactorContext, and returns a Task or nothing", "On", "OnMessage")
{
    public override Handler? HandlerOf(IMethodSymbol method)
    {
        if (Call(method, eventAt: 0, ("EventSourcing.ReactorContext", "context")) is not var (@event, call))
        {
            return null;
        }

        var body = method switch
        {
            { IsAsync: true, ReturnsVoid: true } => null,
            { ReturnsVoid: true } => $"{{ {call}; return global::System.Threading.Tasks.Task.CompletedTask; }}",
            _ when method.ReturnType.Is(Task) => call,
            _ => null,
        };
        return body is null ? null : new Handler(@event, $"base.{method.Name}<{@event.ToDisplayString(Known.Full)}>((@event, context) => {body});", method.Name);
    }
}
