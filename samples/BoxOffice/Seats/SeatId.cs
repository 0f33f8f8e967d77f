using System.Text.Json.Serialization;
using EventSourcing;

namespace BoxOffice.Seats;

/// <summary>One seat of one show.</summary>
/// <param name="Show">The show.</param>
/// <param name="Number">Which seat.</param>
public sealed record SeatId(string Show, string Number)
{
    /// <summary>The stream that tells all that has happened to it. It follows from the others, so events do not hold it.</summary>
    [JsonIgnore]
    public StreamName Stream => StreamName.For("seat", $"{Show}/{Number}");

    /// <inheritdoc/>
    public override string ToString() => Number;
}
