using EventSourcing.Generators.Model;

namespace EventSourcing.Generators.Evolve;

/// <summary>An <c>Evolve</c> whose body is generated.</summary>
/// <param name="Place">The type that declares it.</param>
/// <param name="Lines">The method.</param>
internal sealed record EvolveModel(TypePlace Place, EquatableArray<string> Lines);
