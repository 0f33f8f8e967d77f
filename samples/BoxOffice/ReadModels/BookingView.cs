using BoxOffice.Seats;

namespace BoxOffice.ReadModels;

/// <summary>A booking as its guest sees it.</summary>
/// <param name="Seat">The seat.</param>
/// <param name="Guest">Who booked.</param>
/// <param name="Price">What it costs.</param>
/// <param name="Status">What has become of it.</param>
public sealed record BookingView(SeatId Seat, string Guest, decimal Price, BookingStatus Status);
