using System.Text.Json.Serialization;

namespace BoxOffice.ReadModels;

/// <summary>What has become of a booking.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<BookingStatus>))]
public enum BookingStatus
{
    /// <summary>The seat is held; the guest is to pay.</summary>
    Held,

    /// <summary>Paid in time.</summary>
    Confirmed,

    /// <summary>Not paid in time.</summary>
    Expired,

    /// <summary>Paid when the hold had expired; to be refunded.</summary>
    PaidTooLate,

    /// <summary>Paid when the hold had expired, and refunded.</summary>
    Refunded,
}
