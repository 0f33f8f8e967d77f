namespace EventSourcing.Generators.Library;

/// <summary>The same without JSON.</summary>
internal sealed partial class LibraryNames : IEventTypes;
