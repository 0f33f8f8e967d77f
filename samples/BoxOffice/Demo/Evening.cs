using BoxOffice.Payments;
using BoxOffice.Seats;
using EventSourcing;

namespace BoxOffice.Demo;

/// <summary>The script: guests who want a seat, and how they pay.</summary>
public sealed class Evening(ICommandDispatcher commands, PaymentSimulator provider, Timeline timeline, BoxOfficeOptions options, TimeProvider time)
{
    private static readonly Guest[] Guests =
    [
        new("Ada", "A1", Comes: 0, Pays: 0.3),
        new("Grace", "A2", Comes: 0.1, Pays: null),
        new("Alan", "A3", Comes: 0.2, Pays: 0.4, IsAnswerLost: true),
        new("Barbara", "A4", Comes: 0.3, Pays: 1.4), // too late
        new("Edsger", "A1", Comes: 0.5, Pays: 0.2), // taken
        new("Edsger", "A2", Comes: 1.4, Pays: 0.2), // free again
    ];

    /// <summary>The show, another one in every run.</summary>
    public string Show { get; } = $"hamlet-{Guid.NewGuid():n}"[..15];

    /// <summary>Plays the evening; completes when the last guest has done what they came for.</summary>
    public Task PlayAsync(CancellationToken cancellationToken) => Task.WhenAll(Guests.Select(guest => PlayAsync(guest, cancellationToken)));

    private async Task PlayAsync(Guest guest, CancellationToken cancellationToken)
    {
        var seat = new SeatId(Show, guest.Seat);
        var booking = Guid.CreateVersion7();
        if (guest.IsAnswerLost)
        {
            provider.PrepareMishap(booking);
        }

        await Task.Delay(options.HoldTime * guest.Comes, time, cancellationToken);
        try
        {
            var hold = new HoldSeat(seat, booking, guest.Name, Price: 30, time.GetUtcNow() + options.HoldTime);
            await commands.DispatchAsync(hold, cancellationToken: cancellationToken);
        }
        catch (SeatTakenException)
        {
            timeline.Write(seat, "guest", $"{guest.Name} wants it too: it is taken");
            return;
        }

        if (guest.Pays is { } after)
        {
            await Task.Delay(options.HoldTime * after, time, cancellationToken);
            await provider.UntilAskedAsync(booking, cancellationToken);
            await commands.DispatchAsync(new RecordPayment(seat, booking, provider.Pay(booking)), cancellationToken: cancellationToken);
        }
    }
}
