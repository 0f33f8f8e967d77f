using System.Text.Json.Serialization;
using EventSourcing;

namespace Quickstart;

/// <summary>A reader has taken the book home.</summary>
[EventType("book-lent")]
public sealed record BookLent(string Reader, DateOnly Due);

/// <summary>The book is back.</summary>
[EventType("book-returned")]
public sealed record BookReturned(string Reader);

/// <summary>All events of this program: the rest of it is generated, their names by EventSourcing, their JSON by the framework.</summary>
[JsonSerializable(typeof(BookLent))]
[JsonSerializable(typeof(BookReturned))]
public sealed partial class LibraryEvents : JsonSerializerContext, IEventTypes;
