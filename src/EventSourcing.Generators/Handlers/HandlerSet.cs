using EventSourcing.Generators.Model;
using Microsoft.CodeAnalysis;

namespace EventSourcing.Generators.Handlers;

/// <summary>The handlers that a class has as methods. What is wrong with one is told by the analyzer, from the same set.</summary>
internal sealed class HandlerSet
{
    private readonly INamedTypeSymbol type;

    private HandlerSet(INamedTypeSymbol type, HandlerKind kind)
    {
        this.type = type;
        Kind = kind;
        foreach (var method in kind.Candidates(type))
        {
            if (kind.HandlerOf(method) is not { } handler)
            {
                Misfits.Add(method);
            }
            else if (Handlers.Exists(other => other.Slot == handler.Slot && SymbolEqualityComparer.Default.Equals(other.Event, handler.Event)))
            {
                Doubles.Add(method);
            }
            else
            {
                Handlers.Add(handler);
            }
        }
    }

    public HandlerKind Kind { get; }

    public List<Handler> Handlers { get; } = [];

    /// <summary>Methods that are named as handlers are and cannot be called as one.</summary>
    public List<IMethodSymbol> Misfits { get; } = [];

    /// <summary>Second handlers of a class.</summary>
    public List<IMethodSymbol> Doubles { get; } = [];

    /// <summary>Whether the class calls its handlers itself.</summary>
    public bool IsWrittenByHand => Overrides(type, Kind);

    /// <summary>The handlers of a class; null where it is no class with handlers.</summary>
    public static HandlerSet? Of(INamedTypeSymbol type) => HandlerKind.Of(type) is { } kind ? new HandlerSet(type, kind) : null;

    /// <summary>The member that calls the handlers.</summary>
    public IEnumerable<string> Member()
    {
        if (!Kind.IsSwitch)
        {
            return
            [
                TypePlace.Generated,
                "protected override void DeclareHandlers()",
                "{",
                "    base.DeclareHandlers();",
                .. Handlers.Select(handler => "    " + handler.Statement),
                "}",
            ];
        }

        return
        [
            TypePlace.Generated,
            "protected override void Apply(object @object)",
            "{",
            "    switch (@object)",
            "    {",
            .. BySpecificity.Sort(Handlers, handler => handler.Event).Select(handler => "        " + handler.Statement),
            $"        default: {Otherwise()}",
            "    }",
            "}",
        ];
    }

    private string Otherwise() => HasBaseThatHandles()
        ? "base.Apply(@object); break;"
        : "throw new global::System.InvalidOperationException("
            + $"$\"{type.Name} has no method Apply for {{@object.GetType().FullName}}; where the event changes nothing, write an empty one, for it or for a base of it.\");";

    // Of a base class that is generated, too, the method is not there yet.
    private bool HasBaseThatHandles() => type.SelfAndBases().Skip(1).TakeWhile(parent => !parent.Is(Known.Aggregate)).Any(parent =>
        Overrides(parent, Kind) || (TypePlace.IsOpen(parent) && new HandlerSet(parent, Kind).Handlers.Count > 0));

    private static bool Overrides(INamedTypeSymbol type, HandlerKind kind) => type.GetMembers(kind.Overridden).OfType<IMethodSymbol>().Any(method =>
        method is { IsOverride: true, IsAbstract: false } && !method.IsGenerated() && method.Parameters.All(parameter => parameter.Type.SpecialType == SpecialType.System_Object));
}
