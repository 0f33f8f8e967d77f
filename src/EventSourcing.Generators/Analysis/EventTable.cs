using EventSourcing.Generators.Model;
using Microsoft.CodeAnalysis;

namespace EventSourcing.Generators.Analysis;

/// <summary>All event classes of a compilation, gathered when somebody first asks, so that what one class says of all can be told while
/// it is edited, and not only at the end of a build.</summary>
internal sealed class EventTable(Compilation compilation)
{
    private readonly Lazy<IReadOnlyList<INamedTypeSymbol>> events = new(() => [.. Types(compilation.Assembly.GlobalNamespace).Where(type => type.IsEvent())]);

    public IReadOnlyList<INamedTypeSymbol> Events => events.Value;

    /// <summary>Whether a value of the type may be an event.</summary>
    public bool MayBeEvent(ITypeSymbol type) =>
        type.IsEvent() || (type.SpecialType != SpecialType.System_Object && Events.Any(one => one.IsKindOf(type)));

    private static IEnumerable<INamedTypeSymbol> Types(INamespaceOrTypeSymbol scope)
    {
        foreach (var member in scope.GetMembers().OfType<INamespaceOrTypeSymbol>())
        {
            if (member is INamedTypeSymbol type)
            {
                yield return type;
            }

            foreach (var inner in Types(member))
            {
                yield return inner;
            }
        }
    }
}
