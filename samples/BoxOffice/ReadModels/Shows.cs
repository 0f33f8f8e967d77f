using BoxOffice.Seats;
using EventSourcing;

namespace BoxOffice.ReadModels;

/// <summary>One view for each show, made from the streams of all its seats.</summary>
public sealed class Shows : ViewProjection<ShowView>
{
    /// <summary>Declares what events make of a show.</summary>
    public Shows()
        : base("shows")
    {
        On<SeatHeld>(KeyOf, (show, held, _) => Seat(show, held, $"held for {held.Guest}"));
        On<HoldExpired>(KeyOf, (show, expired, _) => Seat(show, expired, "free"));
        On<BookingConfirmed>(KeyOf, (show, confirmed, _) =>
            Seat(show, confirmed, $"sold to {confirmed.Guest}") with { Takings = (show?.Takings ?? 0) + confirmed.Price });
    }

    /// <inheritdoc/>
    public override IReadOnlyCollection<string> Categories => ["seat"];

    private static string KeyOf(SeatEvent happened, EventEnvelope envelope) => happened.Seat.Show;

    private static ShowView Seat(ShowView? show, SeatEvent happened, string state)
    {
        var before = show ?? ShowView.Empty;
        return before with { Seats = before.Seats.SetItem(happened.Seat.Number, state) };
    }
}
