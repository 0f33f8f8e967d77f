using System.Text.Json.Nodes;

namespace EventSourcing;

/// <summary>What the log holds of one type of event.</summary>
/// <param name="StoredName">The stored name, with its version from 2 on.</param>
/// <param name="Type">The class that it is read as; null where it is lifted as JSON.</param>
/// <param name="Schema">The JSON schema of its payload; null where it is lifted as JSON.</param>
/// <param name="LiftedTo">The stored names of what upcasters make of it; none where it is current.</param>
public sealed record EventContract(string StoredName, Type? Type, JsonNode? Schema, IReadOnlyList<string> LiftedTo);
