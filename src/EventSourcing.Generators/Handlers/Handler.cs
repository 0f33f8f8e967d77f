using Microsoft.CodeAnalysis;

namespace EventSourcing.Generators.Handlers;

/// <summary>A method that handles an event class.</summary>
/// <param name="Event">The class, or a base or interface of several.</param>
/// <param name="Statement">What is generated for it.</param>
/// <param name="Slot">What declares it: there is one handler of a class for each.</param>
internal sealed record Handler(ITypeSymbol Event, string Statement, string Slot = "");
