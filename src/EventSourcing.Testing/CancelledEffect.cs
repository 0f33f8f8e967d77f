using System.Text.Json.Nodes;

namespace EventSourcing.Testing;

/// <summary>What was scheduled under a key is dropped.</summary>
internal sealed class CancelledEffect(string key) : Effect
{
    internal override Shown Show(Effect? beside, EventSerializer? bodies) => new("Cancelled", new JsonObject { ["Key"] = key });
}
