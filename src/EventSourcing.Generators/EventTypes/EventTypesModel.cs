using EventSourcing.Generators.Model;

namespace EventSourcing.Generators.EventTypes;

/// <summary>A class that is to list all event classes.</summary>
/// <param name="Place">Where it is declared.</param>
/// <param name="IsJson">Whether it is a JSON context, too.</param>
internal sealed record EventTypesModel(TypePlace Place, bool IsJson);
