using BoxOffice.Messages;
using BoxOffice.Payments;
using BoxOffice.Processes;
using BoxOffice.ReadModels;
using BoxOffice.Seats;
using EventSourcing;
using EventSourcing.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace BoxOffice;

/// <summary>What becomes of bookings, part by part and in the whole, by a clock that the tests move.</summary>
public sealed class BookingTests
{
    private static readonly SeatId A1 = new("hamlet", "A1");
    private static readonly Guid Ada = TestIds.Of(1_001);
    private static readonly Guid Grace = TestIds.Of(1_002);
    private static readonly DateTimeOffset Now = new(2026, 3, 1, 19, 0, 0, TimeSpan.Zero);
    private static readonly DateTimeOffset Until = Now.AddMinutes(10);

    private static readonly SeatHeld Held = new(A1, Ada, "Ada", 30, Until);
    private static readonly BookingConfirmed Confirmed = new(A1, Ada, "Ada", 30, $"{Ada}/1");
    private static readonly HoldExpired Expired = new(A1, Ada);

    private readonly PaymentSimulator provider = RunningBoxOffice.NewProvider();

    private ReactorScenario Process => Scenario.For(new BookingProcess(provider)).At(Now);

    [Fact]
    public void Who_holds_a_seat_is_asked_to_pay_and_has_until_then()
    {
        var held = Process.When(A1.Stream, Held)
            .Then(Effect.Scheduled(new HoldRunsOut(A1, Ada), Until, key: $"hold {Ada}"))
            .ThenTheSameWhenRedelivered();

        provider.Calls.Should().Equal(held.IdempotencyKeys[0], held.IdempotencyKeys[0]);
        provider.Requests.Should().Equal(new PaymentRequest(A1, Ada, "Ada", 30));
    }

    [Fact]
    public void A_hold_that_is_not_paid_ends()
    {
        var held = Process.Given(A1.Stream, Held);

        held.WhenTimePasses(TimeSpan.FromMinutes(10)).Then(new EndHold(A1, Ada)).ThenTheSameWhenRedelivered();
        held.WhenTimePasses(TimeSpan.FromMinutes(9)).ThenNothing();
        held.When(A1.Stream, Confirmed).Then(Effect.Cancelled($"hold {Ada}"));
        held.Given(A1.Stream, Confirmed).WhenTimePasses(TimeSpan.FromHours(1)).ThenNothing();
    }

    [Fact]
    public void A_booking_is_seen_in_all_its_states() => Scenario.For(new Bookings())
        .Given(A1.Stream, Held, Expired, new SeatHeld(A1, Grace, "Grace", 25, Until), new PaymentCameTooLate(A1, Ada, "p1"))
        .Then(Ada.ToString(), new BookingView(A1, "Ada", 30, BookingStatus.PaidTooLate))
        .Then(Grace.ToString(), new BookingView(A1, "Grace", 25, BookingStatus.Held));

    [Fact]
    public void A_show_is_made_of_all_its_seats() => Scenario.For(new Shows())
        .Given(A1.Stream, Held, Confirmed)
        .Given("seat-hamlet-A2", new SeatHeld(new SeatId("hamlet", "A2"), Grace, "Grace", 25, Until))
        .Then("hamlet", ShowView.Empty with { Seats = ShowView.Empty.Seats.Add("A1", "sold to Ada").Add("A2", "held for Grace"), Takings = 30 });

    [Fact]
    public void Others_are_told_of_confirmed_bookings_alone() => Scenario.For(new BookingMessages())
        .Given(A1.Stream, Held, Confirmed)
        .Then(Effect.Published("box-office.booking.confirmed", "booking-confirmed.v1", new BookingConfirmedMessage(Ada, "hamlet", "A1", "Ada", 30), key: Ada.ToString()));

    [Fact]
    public async Task Paid_in_time_is_sold_and_told_once()
    {
        await using var office = await StartAsync();
        await office.SendAsync(Hold(Ada, "Ada"));
        await PayAsync(office, notices: 2);
        await office.AdvanceAsync(TimeSpan.FromHours(1));

        await office.ThenEventsAsync(A1.Stream, [Held, Confirmed]);
        await office.ThenViewAsync("hamlet", ShowView.Empty with { Seats = ShowView.Empty.Seats.Add("A1", "sold to Ada"), Takings = 30 });
        var message = office.Published.Should().ContainSingle().Subject;
        message.CorrelationId.Should().Be((await office.ReadAsync(A1.Stream))[1].Metadata.CorrelationId);
        provider.Calls.Should().ContainSingle();
    }

    [Fact]
    public async Task Not_paid_in_time_is_let_go_and_can_be_held_by_another()
    {
        await using var office = await StartAsync();
        await office.SendAsync(Hold(Ada, "Ada"));
        await office.AdvanceAsync(TimeSpan.FromMinutes(11));

        var history = await office.ReadAsync(A1.Stream);
        history[1].Event.Should().Be(Expired);
        history[1].RecordedAt.Should().Be(Until);
        history[1].Metadata.CorrelationId.Should().Be(history[0].Metadata.CorrelationId, "it is one conversation");

        await office.SendAsync(Hold(Grace, "Grace") with { Until = Until.AddHours(1) });
        await PayAsync(office, Grace);
        office.Published.Should().ContainSingle().Which.Key.Should().Be(Grace.ToString());
        await office.ThenViewAsync(Ada.ToString(), new BookingView(A1, "Ada", 30, BookingStatus.Expired));
    }

    [Fact]
    public async Task Paid_too_late_is_refunded_once()
    {
        await using var office = await StartAsync();
        await office.SendAsync(Hold(Ada, "Ada"));
        await office.AdvanceAsync(TimeSpan.FromMinutes(11));
        var payment = await PayAsync(office, notices: 2);

        await office.ThenEventsAsync(A1.Stream, [Held, Expired, new PaymentCameTooLate(A1, Ada, payment), new PaymentRefunded(A1, Ada, payment)]);
        await office.ThenViewAsync(Ada.ToString(), new BookingView(A1, "Ada", 30, BookingStatus.Refunded));
        office.ThenPublished();
        provider.Refunds.Should().Equal(payment);
    }

    [Fact]
    public async Task A_provider_whose_answer_is_lost_is_asked_again_with_the_same_key()
    {
        provider.PrepareMishap(Ada);
        await using var office = await StartAsync();
        await office.SendAsync(Hold(Ada, "Ada"));

        provider.Calls.Should().HaveCount(2).And.OnlyContain(key => key == provider.Calls[0]);
        provider.Requests.Should().ContainSingle();
    }

    private static HoldSeat Hold(Guid booking, string guest) => new(A1, booking, guest, 30, Until);

    private Task<TestApplication> StartAsync() => TestApplication.StartAsync(
        office => office.Services.AddSingleton(RunningBoxOffice.Silent).AddSingleton(provider).AddBoxOffice(new BoxOfficeOptions(null, null)),
        Now,
        TestContext.Current.CancellationToken);

    /// <summary>A guest pays; the provider tells of it, perhaps more than once.</summary>
    private async Task<string> PayAsync(TestApplication office, Guid? booking = null, int notices = 1)
    {
        var payment = provider.Pay(booking ?? Ada);
        for (var notice = 0; notice < notices; notice++)
        {
            await office.SendAsync(new RecordPayment(A1, booking ?? Ada, payment));
        }

        return payment;
    }
}
