using BoxOffice.Seats;
using EventSourcing.Testing;

namespace BoxOffice;

/// <summary>The rules of a seat.</summary>
public sealed class SeatTests
{
    private static readonly SeatId A1 = new("hamlet", "A1");
    private static readonly Guid Ada = Guid.CreateVersion7();
    private static readonly Guid Grace = Guid.CreateVersion7();
    private static readonly DateTimeOffset Until = new(2026, 3, 1, 20, 0, 0, TimeSpan.Zero);

    private static readonly SeatHeld Held = new(A1, Ada, "Ada", 30, Until);
    private static readonly BookingConfirmed Confirmed = new(A1, Ada, "Ada", 30, "p1");
    private static readonly HoldExpired Expired = new(A1, Ada);

    [Fact]
    public void A_free_seat_is_held() => Given()
        .When(new HoldSeat(A1, Ada, "Ada", 30, Until))
        .Then(Held);

    [Fact]
    public void A_seat_that_is_held_or_sold_is_taken()
    {
        var grace = new HoldSeat(A1, Grace, "Grace", 30, Until);
        Given(Held).When(grace).ThenThrows<SeatTakenException>();
        Given(Held, Confirmed).When(grace).ThenThrows<SeatTakenException>();
        Given(Held, Expired).When(grace).Then(new SeatHeld(A1, Grace, "Grace", 30, Until));
    }

    [Fact]
    public void A_booking_holds_its_seat_once()
    {
        Given(Held).When(new HoldSeat(A1, Ada, "Ada", 30, Until)).ThenNothing();
        Given(Held, Expired).When(new HoldSeat(A1, Ada, "Ada", 30, Until)).ThenNothing();
    }

    [Fact]
    public void A_payment_in_time_confirms_once()
    {
        Given(Held).When(new RecordPayment(A1, Ada, "p1")).Then(Confirmed);
        Given(Held, Confirmed).When(new RecordPayment(A1, Ada, "p1")).ThenNothing();
    }

    [Fact]
    public void A_payment_that_is_of_no_use_is_to_be_given_back()
    {
        Given(Held, Expired).When(new RecordPayment(A1, Ada, "p1")).Then(new PaymentCameTooLate(A1, Ada, "p1"));
        Given(Held, Confirmed).When(new RecordPayment(A1, Ada, "p2")).Then(new PaymentCameTooLate(A1, Ada, "p2"));
        Given(Held, Expired, new SeatHeld(A1, Grace, "Grace", 30, Until))
            .When(new RecordPayment(A1, Ada, "p1")).Then(new PaymentCameTooLate(A1, Ada, "p1"));
    }

    [Fact]
    public void Only_a_hold_that_is_not_paid_ends()
    {
        Given(Held).When(new EndHold(A1, Ada)).Then(Expired);
        Given(Held, Expired).When(new EndHold(A1, Ada)).ThenNothing();
        Given(Held, Confirmed).When(new EndHold(A1, Ada)).ThenNothing();
        Given(Held, Expired, new SeatHeld(A1, Grace, "Grace", 30, Until)).When(new EndHold(A1, Ada)).ThenNothing();
    }

    [Fact]
    public void A_refund_is_recorded_once()
    {
        var late = new PaymentCameTooLate(A1, Ada, "p1");
        Given(Held, Expired, late).When(new RecordRefund(A1, Ada, "p1")).Then(new PaymentRefunded(A1, Ada, "p1"));
        Given(Held, Expired, late, new PaymentRefunded(A1, Ada, "p1")).When(new RecordRefund(A1, Ada, "p1")).ThenNothing();
    }

    [Fact]
    public void What_was_never_booked_cannot_be_paid() => Given(Held)
        .When(new RecordPayment(A1, Grace, "p1"))
        .ThenThrows<InvalidOperationException>();

    private static DeciderScenario<SeatCommand, Seat, SeatEvent> Given(params SeatEvent[] events) => Scenario.For(Seat.Decider).Given(events);
}
