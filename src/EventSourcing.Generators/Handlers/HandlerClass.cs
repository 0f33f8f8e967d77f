using EventSourcing.Generators.Model;

namespace EventSourcing.Generators.Handlers;

/// <summary>A class whose handlers are called by generated code.</summary>
/// <param name="Place">Where it is declared.</param>
/// <param name="Lines">The member that calls them.</param>
internal sealed record HandlerClass(TypePlace Place, EquatableArray<string> Lines);
