using System.Text.Json.Serialization;

namespace EventSourcing.Generators.Library;

[JsonSerializable(typeof(BookLent))]
[JsonSerializable(typeof(BookMarked))]
[JsonSerializable(typeof(BookReturned))]
[JsonSerializable(typeof(Desk.Opened))]
[JsonSerializable(typeof(Reminder))]
internal sealed partial class LibraryEvents : JsonSerializerContext, IEventTypes;
