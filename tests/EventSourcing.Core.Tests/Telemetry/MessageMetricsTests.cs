using EventSourcing.InMemory;
using EventSourcing.TestInfrastructure;
using EventSourcing.Testing;

namespace EventSourcing;

/// <summary>The figures of public messages. They carry no tags, so others in the process may add to them.</summary>
[Collection(TelemetryCollection.Name)]
public sealed class MessageMetricsTests : IDisposable
{
    private readonly TelemetryWatch watch = new(isTracing: false);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => watch.Dispose();

    [Fact]
    public async Task What_waits_is_shown_by_a_process_that_does_not_relay()
    {
        var consumers = new InMemoryConsumerStore();
        var key = new ConsumerKey("filler", 1, StreamShard.All);
        await consumers.ChangeAsync(
            _ => new ConsumerBoardChange { Added = [new ConsumerRow { Key = key, Version = 1, Epoch = 1 }], LeaseTime = TimeSpan.FromMinutes(1) }, Cancellation);
        var lease = new ConsumerLease(key, ConsumerRole.Serving, 1);
        var clock = new TestClock();
        var outbox = new InMemoryOutbox(consumers, clock);
        await outbox.WriteAsync(lease, new EventPage(LogPosition.Start, [], new LogPosition(1)), [.. Enumerable.Range(0, 17).Select(_ => Message())], Cancellation);
        await outbox.ParkAsync(lease, 3, "error", 1, Cancellation);
        clock.Advance(TimeSpan.FromSeconds(77));

        using (var gauge = new OutboxGauge(outbox, clock))
        {
            using var stop = new CancellationTokenSource();
            var watching = gauge.WatchAsync(stop.Token);
            watch.Gauge("eventsourcing.outbox.messages").Should().Contain(16);
            watch.Gauge("eventsourcing.outbox.parked").Should().Contain(1);
            watch.Gauge("eventsourcing.outbox.age").Should().Contain(77);
            clock.Advance(TimeSpan.FromSeconds(3));
            watch.Gauge("eventsourcing.outbox.age").Should().Contain(80);
            await stop.CancelAsync();
            await watching;
        }

        watch.Gauge("eventsourcing.outbox.messages").Should().NotContain(16);
    }

    [Fact]
    public void What_was_published_is_counted_and_timed_and_what_failed_is_only_timed()
    {
        var clock = new TestClock();
        var begun = RelayMetrics.Begin(clock);
        clock.Advance(TimeSpan.FromMilliseconds(1_750));
        RelayMetrics.Measure(begun, clock, published: 4_711);
        begun = RelayMetrics.Begin(clock);
        clock.Advance(TimeSpan.FromMilliseconds(2_500));
        RelayMetrics.Measure(begun, clock, published: 0);
        RelayMetrics.Retried();

        watch.Of("eventsourcing.messages.published").Should().Contain(4_711).And.NotContain(0);
        watch.Of("eventsourcing.messages.publish.duration", "outcome=ok").Should().Contain(1.75);
        watch.Of("eventsourcing.messages.publish.duration", "outcome=failed").Should().Contain(2.5);
        watch.Of("eventsourcing.messages.retries").Should().Contain(1);
    }

    private static PublicMessage Message() => new()
    {
        Id = Guid.CreateVersion7(),
        Topic = "topic",
        Type = "type",
        Body = "1"u8.ToArray(),
        OccurredAt = DateTimeOffset.UnixEpoch,
    };
}
