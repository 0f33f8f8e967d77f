using BoxOffice.Payments;
using BoxOffice.ReadModels;
using BoxOffice.Seats;
using EventSourcing;
using EventSourcing.TestInfrastructure;

namespace BoxOffice;

/// <summary>What a restart in the middle comes to: nothing is forgotten, nothing is done twice.</summary>
public sealed class RestartTests : IAsyncLifetime
{
    private readonly SeatId seat = new("hamlet", "A1");
    private readonly Guid ada = Guid.CreateVersion7();
    private readonly PaymentSimulator provider = RunningBoxOffice.NewProvider();
    private readonly TestPublisher broker = new();
    private string database = string.Empty;

    public async ValueTask InitializeAsync() => database =
        await (await PostgreSqlServer.GetAsync(TestContext.Current.CancellationToken)).CreateDatabaseAsync(TestContext.Current.CancellationToken);

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Fact]
    public async Task The_timeout_comes_though_the_process_that_set_it_has_ended()
    {
        await using (var before = await StartAsync())
        {
            await HoldAsync(before, TimeSpan.FromSeconds(4));
            await RunningBoxOffice.UntilAsync(async () => (await before.Reactors.ListMessagesAsync("booking-process")).Count == 1);
            await before.UntilAsync(ada, BookingStatus.Held);
        }

        await using var after = await StartAsync();
        (await after.HistoryAsync(seat)).Should().ContainSingle();
        await after.UntilAsync(ada, BookingStatus.Expired);

        var history = await after.HistoryAsync(seat);
        history[1].RecordedAt.Should().BeOnOrAfter(((SeatHeld)history[0].Event).Until, "a restart makes no hold shorter");
        provider.Calls.Should().ContainSingle("the new process does not begin again");
    }

    [Fact]
    public async Task A_crash_between_the_payment_request_and_its_receipt_asks_nobody_twice()
    {
        var isAsked = Hang(ada);
        await using (var before = await StartAsync())
        {
            await HoldAsync(before, TimeSpan.FromMinutes(1));
            await isAsked;
        }

        await using var after = await StartAsync();
        await RunningBoxOffice.UntilAsync(() => Task.FromResult(provider.Calls.Count == 2));
        await after.SendAsync(new RecordPayment(seat, ada, provider.Pay(ada)));
        await after.UntilAsync(ada, BookingStatus.Confirmed);
        await after.UntilQuietAsync();

        provider.Calls.Should().HaveCount(2).And.OnlyContain(key => key == provider.Calls[0]);
        provider.Requests.Should().ContainSingle();
    }

    [Fact]
    public async Task A_crash_between_a_refund_and_its_receipt_refunds_nothing_twice()
    {
        Task isRefunded;
        await using (var before = await StartAsync())
        {
            await HoldAsync(before, TimeSpan.FromSeconds(0.3));
            await before.UntilAsync(ada, BookingStatus.Expired);
            isRefunded = Hang(ada);
            await before.SendAsync(new RecordPayment(seat, ada, provider.Pay(ada)));
            await isRefunded;
        }

        await using var after = await StartAsync();
        (await after.HistoryAsync(seat)).Select(envelope => envelope.Event).Should().NotContain(@event => @event is PaymentRefunded);
        await after.UntilAsync(ada, BookingStatus.Refunded);

        provider.Calls.Should().HaveCount(3);
        provider.Calls[2].Should().Be(provider.Calls[1]).And.NotBe(provider.Calls[0]);
        provider.Refunds.Should().ContainSingle();
    }

    [Fact]
    public async Task A_message_keeps_its_id_when_the_broker_does_not_confirm_and_is_not_told_again_after_a_restart()
    {
        broker.FailOnce();
        await using (var before = await StartAsync())
        {
            await HoldAsync(before, TimeSpan.FromMinutes(1));
            await provider.UntilAskedAsync(ada, TestContext.Current.CancellationToken);
            await before.SendAsync(new RecordPayment(seat, ada, provider.Pay(ada)));
            await before.UntilQuietAsync();
        }

        broker.Messages.Should().HaveCount(2);
        broker.Messages.DistinctBy(message => message.Id).Should().ContainSingle();

        await using var after = await StartAsync();
        await after.SendAsync(new HoldSeat(seat with { Number = "A2" }, Guid.CreateVersion7(), "Grace", 30, DateTimeOffset.MaxValue));
        await after.UntilQuietAsync();
        broker.Messages.Should().HaveCount(2);
    }

    private Task<RunningBoxOffice> StartAsync() => RunningBoxOffice.StartAsync(database, provider, broker);

    private Task<CommandResult> HoldAsync(RunningBoxOffice office, TimeSpan time) =>
        office.SendAsync(new HoldSeat(seat, ada, "Ada", 30, DateTimeOffset.UtcNow + time));

    /// <summary>The provider does what it is asked next, and its answer comes never: until then we have ended.</summary>
    /// <returns>Completes when it has been asked.</returns>
    private Task Hang(Guid booking)
    {
        var isReached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        provider.PrepareMishap(booking, async ended =>
        {
            isReached.SetResult();
            await Task.Delay(Timeout.InfiniteTimeSpan, ended);
        });
        return isReached.Task;
    }
}
