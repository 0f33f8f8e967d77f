namespace BoxOffice.Messages;

/// <summary>What other systems (mail, door control, bookkeeping) are told. Its shape is a contract with them: the event may change, this may not.</summary>
/// <param name="Booking">The booking.</param>
/// <param name="Show">The show.</param>
/// <param name="Seat">The seat's number.</param>
/// <param name="Guest">Who booked.</param>
/// <param name="Price">What was paid.</param>
public sealed record BookingConfirmedMessage(Guid Booking, string Show, string Seat, string Guest, decimal Price);
