using BoxOffice.Seats;
using EventSourcing;

namespace BoxOffice.Messages;

/// <summary>Which events others are told of, and how. Everything else stays inside.</summary>
public sealed class BookingMessages : MessageTranslator
{
    /// <summary>Declares the one public message.</summary>
    public BookingMessages()
        : base("booking-messages", startAfter: LogPosition.Start) =>
        On<BookingConfirmed>((confirmed, envelope) => Message(
            envelope,
            topic: "box-office.booking.confirmed",
            type: "booking-confirmed.v1",
            new BookingConfirmedMessage(
                confirmed.Booking, confirmed.Seat.Show, confirmed.Seat.Number, confirmed.Guest, confirmed.Price)) with
        {
            Key = confirmed.Booking.ToString(),
        });

    /// <inheritdoc/>
    public override IReadOnlyCollection<string> Categories => ["seat"];
}
