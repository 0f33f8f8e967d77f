using BoxOffice.Seats;
using EventSourcing;

namespace BoxOffice.Demo;

/// <summary>Tells of events as they come: a projection whose "read model" is the screen.</summary>
public sealed class SeatsOnTimeline : Projection
{
    /// <summary>Declares what is told.</summary>
    public SeatsOnTimeline(Timeline timeline)
        : base("timeline") => On<SeatEvent>((happened, envelope) =>
        {
            // A projection in the process sees the whole log; what an earlier run has shown is not shown again.
            if (envelope.RecordedAt >= timeline.Start)
            {
                timeline.Write(happened.Seat, "seat", Tell(happened, timeline), envelope.RecordedAt);
            }
        });

    private static string Tell(SeatEvent happened, Timeline timeline) => happened switch
    {
        SeatHeld held => $"held for {held.Guest}, to be paid by {timeline.Clock(held.Until)}",
        BookingConfirmed confirmed => $"sold to {confirmed.Guest}",
        HoldExpired => "not paid in time, free again",
        PaymentCameTooLate => "a payment came too late",
        PaymentRefunded => "the late payment was refunded",
        _ => happened.GetType().Name,
    };
}
