using System.Text.Json.Serialization;

namespace EventSourcing;

/// <summary>How the library's own events look as JSON, whatever the application says of its own.</summary>
[JsonSerializable(typeof(StreamDeleted))]
internal sealed partial class LibraryEvents : JsonSerializerContext;
