using BoxOffice.Payments;
using BoxOffice.Seats;
using EventSourcing;

namespace BoxOffice.Processes;

/// <summary>
/// The process manager: asks for the payment, watches the clock, gives back what came too late. It decides nothing itself: the
/// seat does, so it does no harm that a command or a call comes twice, or that payment and timeout cross.
/// </summary>
public sealed class BookingProcess : Reactor
{
    /// <summary>Declares what follows from what.</summary>
    public BookingProcess(IPaymentProvider provider)
        : base("booking-process", startAfter: LogPosition.Start)
    {
        On<SeatHeld>(async (held, context) =>
        {
            // A crash after this call and before the receipt is stored repeats it, with the same key: nobody is asked twice.
            var request = new PaymentRequest(held.Seat, held.Booking, held.Guest, held.Price);
            await provider.RequestPaymentAsync(request, context.IdempotencyKey, context.CancellationToken);

            // When the event says, not some time from now: retries and restarts make no hold longer.
            context.Schedule(new HoldRunsOut(held.Seat, held.Booking), held.Until, TimeoutOf(held));
        });

        On<BookingConfirmed>((confirmed, context) =>
        {
            context.Cancel(TimeoutOf(confirmed));
            return Task.CompletedTask;
        });

        OnMessage<HoldRunsOut>((late, context) => context.SendAsync(new EndHold(late.Seat, late.Booking)));

        On<PaymentCameTooLate>(async (late, context) =>
        {
            await provider.RefundAsync(late.Payment, context.IdempotencyKey, context.CancellationToken);
            await context.SendAsync(new RecordRefund(late.Seat, late.Booking, late.Payment));
        });
    }

    /// <inheritdoc/>
    public override IReadOnlyCollection<string> Categories => ["seat"];

    /// <summary>Seats wait for the provider side by side, each for its own answers.</summary>
    public override int Shards => 4;

    private static string TimeoutOf(SeatEvent happened) => $"hold {happened.Booking}";
}
