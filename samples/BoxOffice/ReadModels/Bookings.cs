using BoxOffice.Seats;
using EventSourcing;

namespace BoxOffice.ReadModels;

/// <summary>One view for each booking. A seat's stream tells of many bookings; the key picks each one's events out.</summary>
public sealed class Bookings : ViewProjection<BookingView>
{
    /// <summary>Declares what events make of a booking.</summary>
    public Bookings()
        : base("bookings")
    {
        On<SeatHeld>(KeyOf, (_, held, _) => new BookingView(held.Seat, held.Guest, held.Price, BookingStatus.Held));
        On<BookingConfirmed>(KeyOf, (booking, _, _) => booking! with { Status = BookingStatus.Confirmed });
        On<HoldExpired>(KeyOf, (booking, _, _) => booking! with { Status = BookingStatus.Expired });

        // Who has paid twice has a booking all the same.
        On<PaymentCameTooLate>(KeyOf, (booking, _, _) => Move(booking!, BookingStatus.Expired, BookingStatus.PaidTooLate));
        On<PaymentRefunded>(KeyOf, (booking, _, _) => Move(booking!, BookingStatus.PaidTooLate, BookingStatus.Refunded));
    }

    /// <inheritdoc/>
    public override IReadOnlyCollection<string> Categories => ["seat"];

    private static string KeyOf(SeatEvent happened, EventEnvelope envelope) => happened.Booking.ToString();

    private static BookingView Move(BookingView booking, BookingStatus from, BookingStatus to) =>
        booking.Status == from ? booking with { Status = to } : booking;
}
