using BoxOffice.Messages;
using BoxOffice.Payments;
using BoxOffice.ReadModels;
using BoxOffice.Seats;
using EventSourcing;
using EventSourcing.TestInfrastructure;

namespace BoxOffice;

/// <summary>What becomes of bookings, with everything running in PostgreSQL and in real time. <see cref="BookingTests"/> are the same without a server.</summary>
public sealed class BoxOfficeTests
{
    private readonly SeatId seat = new("hamlet", "A1");
    private readonly Guid ada = Guid.CreateVersion7();
    private readonly PaymentSimulator provider = RunningBoxOffice.NewProvider();
    private readonly TestPublisher broker = new();

    [Fact]
    public async Task Paid_in_time_is_sold_and_told_once()
    {
        await using var office = await StartAsync();
        await HoldAsync(office, ada, "Ada", TimeSpan.FromSeconds(1.5));
        await PayAsync(office, ada, notices: 2);
        await office.UntilAsync(ada, BookingStatus.Confirmed);
        await office.UntilQuietAsync();

        // The timeout is cancelled, and nothing comes when its time is over.
        (await office.Reactors.ListMessagesAsync("booking-process")).Should().BeEmpty();
        await Task.Delay(TimeSpan.FromSeconds(2));
        (await NamesAsync(office)).Should().Equal(nameof(SeatHeld), nameof(BookingConfirmed));
        (await office.FindShowAsync("hamlet"))!.Should().BeEquivalentTo(new { Seats = new Dictionary<string, string> { ["A1"] = "sold to Ada" }, Takings = 30m });

        var message = broker.Messages.Should().ContainSingle().Subject;
        message.Id.Should().Be(new BookingMessages().Translate((await office.HistoryAsync(seat))[1])[0].Id);
        (message.Type, message.Key, message.CorrelationId).Should().Be(
            ("booking-confirmed.v1", ada.ToString(), (await office.HistoryAsync(seat))[1].Metadata.CorrelationId));
        provider.Calls.Should().ContainSingle();
    }

    [Fact]
    public async Task Not_paid_in_time_is_let_go_and_can_be_held_by_another()
    {
        await using var office = await StartAsync();
        await HoldAsync(office, ada, "Ada", TimeSpan.FromSeconds(0.5));
        await office.UntilAsync(ada, BookingStatus.Expired);

        var history = await office.HistoryAsync(seat);
        history[1].Event.Should().Be(new HoldExpired(seat, ada));
        history[1].RecordedAt.Should().BeOnOrAfter(((SeatHeld)history[0].Event).Until);
        history[1].Metadata.CorrelationId.Should().Be(history[0].Metadata.CorrelationId, "it is one conversation");

        var grace = Guid.CreateVersion7();
        await HoldAsync(office, grace, "Grace", TimeSpan.FromMinutes(1));
        await PayAsync(office, grace);
        await office.UntilAsync(grace, BookingStatus.Confirmed);
        await office.UntilQuietAsync();
        broker.Messages.Should().ContainSingle().Which.Key.Should().Be(grace.ToString());
    }

    [Fact]
    public async Task Paid_too_late_is_refunded_once()
    {
        await using var office = await StartAsync();
        await HoldAsync(office, ada, "Ada", TimeSpan.FromSeconds(0.3));
        await office.UntilAsync(ada, BookingStatus.Expired);
        var payment = await PayAsync(office, ada, notices: 2);
        await office.UntilAsync(ada, BookingStatus.Refunded);
        await office.UntilQuietAsync();

        provider.Refunds.Should().Equal(payment);
        (await NamesAsync(office)).Should().Equal(nameof(SeatHeld), nameof(HoldExpired), nameof(PaymentCameTooLate), nameof(PaymentRefunded));
        broker.Messages.Should().BeEmpty();
    }

    [Fact]
    public async Task A_provider_whose_answer_is_lost_is_asked_again_with_the_same_key()
    {
        provider.PrepareMishap(ada);
        await using var office = await StartAsync();
        await HoldAsync(office, ada, "Ada", TimeSpan.FromMinutes(1));
        await RunningBoxOffice.UntilAsync(() => Task.FromResult(provider.Calls.Count > 1));
        await office.UntilQuietAsync();

        provider.Calls.Should().HaveCount(2).And.OnlyContain(key => key == provider.Calls[0]);
        provider.Requests.Should().ContainSingle();
    }

    [Fact]
    public async Task Of_many_guests_at_once_one_gets_the_seat()
    {
        await using var office = await StartAsync();
        var guests = await Task.WhenAll(Enumerable.Range(1, 20).Select(async number =>
        {
            try
            {
                return (await office.SendAsync(new HoldSeat(seat, Guid.CreateVersion7(), $"guest {number}", 30, DateTimeOffset.MaxValue))).Events.Count;
            }
            catch (SeatTakenException)
            {
                return 0;
            }
        }));

        guests.Sum().Should().Be(1);
        (await NamesAsync(office)).Should().Equal(nameof(SeatHeld));
    }

    private async Task<RunningBoxOffice> StartAsync()
    {
        var server = await PostgreSqlServer.GetAsync(TestContext.Current.CancellationToken);
        return await RunningBoxOffice.StartAsync(await server.CreateDatabaseAsync(TestContext.Current.CancellationToken), provider, broker);
    }

    private Task<CommandResult> HoldAsync(RunningBoxOffice office, Guid booking, string guest, TimeSpan time) =>
        office.SendAsync(new HoldSeat(seat, booking, guest, 30, DateTimeOffset.UtcNow + time));

    /// <summary>A guest pays as soon as he is asked; the provider tells of it, perhaps more than once.</summary>
    private async Task<string> PayAsync(RunningBoxOffice office, Guid booking, int notices = 1)
    {
        await provider.UntilAskedAsync(booking, TestContext.Current.CancellationToken);
        var payment = provider.Pay(booking);
        for (var notice = 0; notice < notices; notice++)
        {
            await office.SendAsync(new RecordPayment(seat, booking, payment));
        }

        return payment;
    }

    private async Task<IEnumerable<string>> NamesAsync(RunningBoxOffice office) =>
        (await office.HistoryAsync(seat)).Select(envelope => envelope.Event.GetType().Name);
}
