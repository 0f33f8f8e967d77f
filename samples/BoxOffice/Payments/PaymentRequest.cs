using BoxOffice.Seats;

namespace BoxOffice.Payments;

/// <summary>What a guest is asked to pay, and what for.</summary>
/// <param name="Seat">The seat.</param>
/// <param name="Booking">The booking.</param>
/// <param name="Guest">Who is to pay.</param>
/// <param name="Amount">How much.</param>
public sealed record PaymentRequest(SeatId Seat, Guid Booking, string Guest, decimal Amount);
