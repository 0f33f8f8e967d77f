using System.Text.Json.Serialization;

namespace EventSourcing;

/// <summary>
/// The last event of a deleted stream, written by <see cref="IStreamMaintenance.DeleteAsync"/>. Every registry knows it: handle it to
/// remove what a read model holds of the stream; who does not, is not stopped by it. Who deleted the stream is the event's actor.
/// </summary>
/// <param name="Reason">Why the stream was deleted.</param>
public sealed record StreamDeleted([property: JsonPropertyName("reason")] string Reason)
{
    /// <summary>The stored name: <c>$stream-deleted</c>.</summary>
    public const string StoredName = "$stream-deleted";
}
