using System.Text.Json.Serialization;

namespace Retail.Events;

/// <summary>How a cancellation compares with what the customer held.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<CancellationMatch>))]
public enum CancellationMatch
{
    /// <summary>A walk-in's: nobody knows what was held.</summary>
    NotChecked,

    /// <summary>No more came back than was held.</summary>
    Matched,

    /// <summary>More came back than was held.</summary>
    Unmatched,
}
