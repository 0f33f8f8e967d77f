using BoxOffice.Seats;
using EventSourcing;

namespace BoxOffice.Processes;

/// <summary>What the process tells itself for later: by now the booking should have been paid.</summary>
/// <param name="Seat">The seat.</param>
/// <param name="Booking">The booking.</param>
[EventType("hold-runs-out")]
public sealed record HoldRunsOut(SeatId Seat, Guid Booking);
