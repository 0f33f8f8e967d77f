namespace BoxOffice.Seats;

/// <summary>What a seat can be asked to do. Each may come twice: the second finds nothing to do.</summary>
/// <param name="Seat">The seat.</param>
/// <param name="Booking">The booking that it is about.</param>
public abstract record SeatCommand(SeatId Seat, Guid Booking);

/// <summary>Hold the seat for a guest until it is paid for.</summary>
/// <param name="Seat">The seat.</param>
/// <param name="Booking">The new booking.</param>
/// <param name="Guest">Who books.</param>
/// <param name="Price">What it costs.</param>
/// <param name="Until">When the hold ends, unless it is paid.</param>
public sealed record HoldSeat(SeatId Seat, Guid Booking, string Guest, decimal Price, DateTimeOffset Until) : SeatCommand(Seat, Booking);

/// <summary>A payment has arrived.</summary>
/// <param name="Seat">The seat.</param>
/// <param name="Booking">The booking that was paid.</param>
/// <param name="Payment">The provider's name for the payment.</param>
public sealed record RecordPayment(SeatId Seat, Guid Booking, string Payment) : SeatCommand(Seat, Booking);

/// <summary>The time for paying is over.</summary>
/// <param name="Seat">The seat.</param>
/// <param name="Booking">The booking that was not paid.</param>
public sealed record EndHold(SeatId Seat, Guid Booking) : SeatCommand(Seat, Booking);

/// <summary>A payment that could not be accepted was given back.</summary>
/// <param name="Seat">The seat.</param>
/// <param name="Booking">The booking that was paid in vain.</param>
/// <param name="Payment">The payment.</param>
public sealed record RecordRefund(SeatId Seat, Guid Booking, string Payment) : SeatCommand(Seat, Booking);
