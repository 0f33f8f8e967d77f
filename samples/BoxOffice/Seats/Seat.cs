using System.Collections.Immutable;
using EventSourcing;

namespace BoxOffice.Seats;

/// <summary>
/// What a seat knows, and its rules. The seat is what must never be sold twice, so it is the seat that has a stream: two guests who
/// want it at the same moment both write at the same version, and one of them decides again.
/// </summary>
/// <param name="Holder">The hold or sale that counts now; null while the seat is free.</param>
/// <param name="IsSold">Whether it is paid.</param>
/// <param name="Bookings">Every booking there ever was.</param>
/// <param name="Payments">Every payment that has arrived.</param>
/// <param name="Refunds">The payments that were given back.</param>
public sealed record Seat(
    SeatHeld? Holder, bool IsSold, ImmutableHashSet<Guid> Bookings, ImmutableHashSet<string> Payments, ImmutableHashSet<string> Refunds)
{
    /// <summary>The whole model: a state, what follows from a command, and what an event changes.</summary>
    public static Decider<SeatCommand, Seat, SeatEvent> Decider { get; } = new(new Seat(null, false, [], [], []), Decide, Evolve);

    private static IEnumerable<SeatEvent> Decide(SeatCommand command, Seat seat) => command switch
    {
        HoldSeat hold when seat.Bookings.Contains(hold.Booking) => [],
        HoldSeat hold when seat.Holder is not null => throw new SeatTakenException(hold.Seat),
        HoldSeat hold => [new SeatHeld(hold.Seat, hold.Booking, hold.Guest, hold.Price, hold.Until)],

        _ when !seat.Bookings.Contains(command.Booking) =>
            throw new InvalidOperationException($"Seat {command.Seat} has never been held for booking {command.Booking}."),

        RecordPayment paid when seat.Payments.Contains(paid.Payment) => [],
        RecordPayment paid when seat.IsHeldFor(paid.Booking) =>
            [new BookingConfirmed(paid.Seat, paid.Booking, seat.Holder!.Guest, seat.Holder.Price, paid.Payment)],
        RecordPayment paid => [new PaymentCameTooLate(paid.Seat, paid.Booking, paid.Payment)],

        EndHold end => seat.IsHeldFor(end.Booking) ? [new HoldExpired(end.Seat, end.Booking)] : [],

        RecordRefund refund => seat.Refunds.Contains(refund.Payment) ? [] : [new PaymentRefunded(refund.Seat, refund.Booking, refund.Payment)],
        _ => throw new InvalidOperationException($"A seat knows nothing of {command.GetType().Name}."),
    };

    private static Seat Evolve(Seat seat, SeatEvent @event) => @event switch
    {
        SeatHeld held => seat with { Holder = held, Bookings = seat.Bookings.Add(held.Booking) },
        BookingConfirmed confirmed => seat with { IsSold = true, Payments = seat.Payments.Add(confirmed.Payment) },
        HoldExpired => seat with { Holder = null },
        PaymentCameTooLate late => seat with { Payments = seat.Payments.Add(late.Payment) },
        PaymentRefunded refunded => seat with { Refunds = seat.Refunds.Add(refunded.Payment) },
        _ => seat,
    };

    private bool IsHeldFor(Guid booking) => Holder?.Booking == booking && !IsSold;
}
