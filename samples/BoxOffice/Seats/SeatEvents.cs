using EventSourcing;

namespace BoxOffice.Seats;

/// <summary>What has happened to a seat.</summary>
/// <param name="Seat">The seat.</param>
/// <param name="Booking">The booking that it is about.</param>
public abstract record SeatEvent(SeatId Seat, Guid Booking);

/// <summary>The seat is held for a guest, who is to pay.</summary>
/// <param name="Seat">The seat.</param>
/// <param name="Booking">The new booking.</param>
/// <param name="Guest">Who booked.</param>
/// <param name="Price">What it costs.</param>
/// <param name="Until">When the hold ends, unless it is paid.</param>
[EventType("seat-held")]
public sealed record SeatHeld(SeatId Seat, Guid Booking, string Guest, decimal Price, DateTimeOffset Until) : SeatEvent(Seat, Booking);

/// <summary>The booking was paid in time: the seat is sold.</summary>
/// <param name="Seat">The seat.</param>
/// <param name="Booking">The booking.</param>
/// <param name="Guest">Who booked.</param>
/// <param name="Price">What was paid.</param>
/// <param name="Payment">The payment.</param>
[EventType("booking-confirmed")]
public sealed record BookingConfirmed(SeatId Seat, Guid Booking, string Guest, decimal Price, string Payment) : SeatEvent(Seat, Booking);

/// <summary>Nobody paid in time: the seat is free again.</summary>
/// <param name="Seat">The seat.</param>
/// <param name="Booking">The booking.</param>
[EventType("hold-expired")]
public sealed record HoldExpired(SeatId Seat, Guid Booking) : SeatEvent(Seat, Booking);

/// <summary>A payment arrived that is of no use any more: the hold has expired, or the seat is paid already. It is to be given back.</summary>
/// <param name="Seat">The seat.</param>
/// <param name="Booking">The booking.</param>
/// <param name="Payment">The payment.</param>
[EventType("payment-came-too-late")]
public sealed record PaymentCameTooLate(SeatId Seat, Guid Booking, string Payment) : SeatEvent(Seat, Booking);

/// <summary>A payment was given back.</summary>
/// <param name="Seat">The seat.</param>
/// <param name="Booking">The booking.</param>
/// <param name="Payment">The payment.</param>
[EventType("payment-refunded")]
public sealed record PaymentRefunded(SeatId Seat, Guid Booking, string Payment) : SeatEvent(Seat, Booking);
