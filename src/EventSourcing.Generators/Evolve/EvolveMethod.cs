using EventSourcing.Generators.Handlers;
using EventSourcing.Generators.Model;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace EventSourcing.Generators.Evolve;

/// <summary>A partial method <c>static partial State Evolve(State state, Event @event);</c> and the <c>When</c> methods that it calls.</summary>
internal sealed class EvolveMethod
{
    /// <summary>What the names of files with generated ones end in.</summary>
    public const string FilePart = "Evolve";

    private EvolveMethod(IMethodSymbol method)
    {
        Method = method;
        foreach (var when in method.ContainingType.GetMembers("When").OfType<IMethodSymbol>())
        {
            if (!when.IsGenericMethod && SymbolEqualityComparer.Default.Equals(when.ReturnType, State) && CallOf(when) is { } call
                && !Whens.Exists(other => SymbolEqualityComparer.Default.Equals(other.Event, call.Event)))
            {
                Whens.Add(call);
            }
            else
            {
                Misfits.Add(when);
            }
        }
    }

    public IMethodSymbol Method { get; }

    public ITypeSymbol State => Method.Parameters[0].Type;

    public ITypeSymbol Event => Method.Parameters[1].Type;

    public List<(ITypeSymbol Event, string Call)> Whens { get; } = [];

    /// <summary>Methods named <c>When</c> that cannot be called.</summary>
    public List<IMethodSymbol> Misfits { get; } = [];

    /// <summary>The method as one to generate; null where it is none.</summary>
    public static EvolveMethod? Of(IMethodSymbol method) =>
        method is { Name: "Evolve", IsStatic: true, IsPartialDefinition: true, IsGenericMethod: false, ReturnsVoid: false, Parameters.Length: 2 }
            && (method.PartialImplementationPart is null || IsOurs(method.PartialImplementationPart))
            && method.Parameters.All(parameter => parameter.RefKind == RefKind.None)
            && SymbolEqualityComparer.Default.Equals(method.ReturnType, method.Parameters[0].Type)
            ? new EvolveMethod(method)
            : null;

    /// <summary>The method's body, its signature as it was declared.</summary>
    public IEnumerable<string> Member()
    {
        var declaration = (MethodDeclarationSyntax)Method.DeclaringSyntaxReferences[0].GetSyntax();
        var (state, @event) = (Method.Parameters[0], Method.Parameters[1]);
        return
        [
            $"{declaration.Modifiers} {Method.ReturnType.ToDisplayString(Known.Full)} Evolve({Parameter(state)}, {Parameter(@event)}) => @{@event.Name} switch",
            "{",
            .. BySpecificity.Sort(Whens, when => when.Event).Select(when => $"    {when.Event.ToDisplayString(Known.Full)} @case => {when.Call},"),
            .. Event.IsValueType ? Array.Empty<string>() : [$"    null => throw new global::System.ArgumentNullException(nameof(@{@event.Name})),"],
            .. IsExhaustive()
                ? Array.Empty<string>()
                :
                [
                    "    _ => throw new global::System.InvalidOperationException("
                        + $"$\"{Method.ContainingType.Name} has no method When for {{@{@event.Name}.GetType().FullName}}; where the event changes nothing, write one that returns the state, for it or for a base of it.\"),",
                ],
            "};",
        ];

        static string Parameter(IParameterSymbol parameter) => $"{parameter.Type.ToDisplayString(Known.Full)} @{parameter.Name}";
    }

    private static bool IsOurs(IMethodSymbol implementation) => implementation.DeclaringSyntaxReferences.All(reference =>
        reference.SyntaxTree.FilePath.EndsWith($".{FilePart}.g.cs", StringComparison.Ordinal));

    // The compiler refuses an arm that nothing is left for.
    private bool IsExhaustive() => Whens.Exists(when => Event.IsKindOf(when.Event));

    private (ITypeSymbol Event, string Call)? CallOf(IMethodSymbol when)
    {
        var first = Method.Parameters[0].Name;
        if (when.Parameters.Any(parameter => parameter.RefKind != RefKind.None))
        {
            return null;
        }

        return when switch
        {
            { IsStatic: false, Parameters: [var @event] } when SymbolEqualityComparer.Default.Equals(when.ContainingType, State) =>
                (NotNull(@event), $"@{first}.When(@case)"),
            { IsStatic: true, Parameters: [var state, var @event] } when SymbolEqualityComparer.Default.Equals(state.Type, State) =>
                (NotNull(@event), $"When(@{first}, @case)"),
            _ => null,
        };

        static ITypeSymbol NotNull(IParameterSymbol parameter) => parameter.Type.WithNullableAnnotation(NullableAnnotation.NotAnnotated);
    }
}
