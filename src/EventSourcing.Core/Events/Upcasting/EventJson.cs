using System.Text.Json.Nodes;

namespace EventSourcing;

/// <summary>An event as JSON, between two upcasters.</summary>
/// <param name="Type">The stored name of its type.</param>
/// <param name="Payload">Its payload.</param>
public sealed record EventJson(string Type, JsonObject Payload);
