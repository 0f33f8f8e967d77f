using EventSourcing.Generators.Model;
using Microsoft.CodeAnalysis;

namespace EventSourcing.Generators.Handlers;

/// <summary>The order in which classes are asked for: each before its bases and interfaces, otherwise as they were declared.</summary>
internal static class BySpecificity
{
    public static IReadOnlyList<T> Sort<T>(IEnumerable<T> items, Func<T, ITypeSymbol> typeOf)
    {
        var left = items.ToList();
        var sorted = new List<T>(left.Count);
        while (left.Count > 0)
        {
            var next = left.Find(one => !left.Exists(other => !IsSame(one, other) && typeOf(other).IsKindOf(typeOf(one))));
            sorted.Add(next);
            left.Remove(next);
        }

        return sorted;

        bool IsSame(T one, T other) => SymbolEqualityComparer.Default.Equals(typeOf(one), typeOf(other));
    }
}
