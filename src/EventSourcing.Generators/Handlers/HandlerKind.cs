using EventSourcing.Generators.Model;
using Microsoft.CodeAnalysis;

namespace EventSourcing.Generators.Handlers;

/// <summary>A base class whose handlers may be methods, and what such a method looks like.</summary>
internal abstract class HandlerKind(string baseType, string takes, params string[] names)
{
    protected const string Envelope = "EventSourcing.EventEnvelope";
    protected const string CancellationToken = "System.Threading.CancellationToken";
    protected const string Task = "System.Threading.Tasks.Task";

    public static IReadOnlyList<HandlerKind> All { get; } =
    [
        new AggregateHandlers(),
        new ProjectionHandlers(),
        new PostgreSqlProjectionHandlers(),
        new ViewHandlers(),
        new ReactorHandlers(),
        new TranslatorHandlers(),
    ];

    /// <summary>What a handler takes and returns, for people.</summary>
    public string Takes { get; } = takes;

    /// <summary>Whether handlers become the cases of one method, and not declarations.</summary>
    public virtual bool IsSwitch => false;

    /// <summary>The method that generated code overrides.</summary>
    public virtual string Overridden => "DeclareHandlers";

    /// <summary>The kind of a class; null where it is none.</summary>
    public static HandlerKind? Of(INamedTypeSymbol type) =>
        type is { TypeKind: TypeKind.Class, IsStatic: false } ? All.FirstOrDefault(kind => type.DerivesFrom(kind.BaseType)) : null;

    /// <summary>The metadata name of the base class.</summary>
    protected string BaseType { get; } = baseType;

    /// <summary>The base class as the type derives from it.</summary>
    protected INamedTypeSymbol BaseOf(INamedTypeSymbol type) => type.SelfAndBases().First(parent => parent.Is(BaseType));

    /// <summary>The methods that are meant as handlers by their names.</summary>
    public IEnumerable<IMethodSymbol> Candidates(INamedTypeSymbol type) => type.GetMembers().OfType<IMethodSymbol>().Where(method =>
        names.Contains(method.Name) && method is { MethodKind: MethodKind.Ordinary, IsOverride: false, IsImplicitlyDeclared: false } && IsCandidate(method));

    /// <summary>What is generated for a handler; null where the method cannot be one.</summary>
    public abstract Handler? HandlerOf(IMethodSymbol method);

    /// <summary>Whether a method of the name is meant as a handler, be it a wrong one.</summary>
    protected virtual bool IsCandidate(IMethodSymbol method) => true;

    /// <summary>
    /// The call of a method with an event and what it asks for besides; null where it asks for something else. Parameters come in any
    /// order, the event before the others.
    /// </summary>
    protected static (ITypeSymbol Event, string Call)? Call(IMethodSymbol method, int eventAt, params (string Type, string Argument)[] others)
    {
        if (method.IsGenericMethod || method.Parameters.Length <= eventAt || method.Parameters.Any(parameter => parameter.RefKind != RefKind.None))
        {
            return null;
        }

        var arguments = new List<string> { "@event" };
        foreach (var parameter in method.Parameters.Skip(eventAt + 1))
        {
            var argument = others.FirstOrDefault(other => parameter.Type.Is(other.Type)).Argument;
            if (argument is null || arguments.Contains(argument))
            {
                return null;
            }

            arguments.Add(argument);
        }

        var @event = method.Parameters[eventAt].Type.WithNullableAnnotation(NullableAnnotation.NotAnnotated);
        return CanBeEvent(@event) && !others.Any(other => @event.Is(other.Type))
            ? (@event, $"{method.Name}({string.Join(", ", arguments)})")
            : null;
    }

    /// <summary>The call with something before the event.</summary>
    protected static string WithFirst(string call, string first) => call.Replace("(@event", $"({first}, @event");

    private static bool CanBeEvent(ITypeSymbol type) =>
        type is INamedTypeSymbol { SpecialType: SpecialType.None, TypeKind: TypeKind.Class or TypeKind.Struct or TypeKind.Interface };
}
