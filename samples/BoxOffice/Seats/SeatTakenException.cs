namespace BoxOffice.Seats;

/// <summary>The seat is held or sold already.</summary>
public sealed class SeatTakenException(SeatId seat) : Exception($"Seat {seat} is taken.")
{
    /// <summary>The seat.</summary>
    public SeatId Seat { get; } = seat;
}
