using EventSourcing.TestInfrastructure;
using EventSourcing.Testing;

namespace EventSourcing;

/// <summary>The figures of one projection or reactor.</summary>
[Collection(TelemetryCollection.Name)]
public sealed class ConsumerMetricsTests : IDisposable
{
    private readonly TestClock clock = new();
    private readonly TelemetryWatch watch = new(isTracing: false);
    private readonly ConsumerMetrics metrics;
    private readonly string[] tags;

    public ConsumerMetricsTests()
    {
        var name = $"consumer{Guid.NewGuid():N}";
        tags = [$"consumer={name}", "kind=reactor"];
        metrics = new ConsumerMetrics(name, ConsumerMetrics.Reactor, clock);
    }

    public void Dispose()
    {
        metrics.Dispose();
        watch.Dispose();
    }

    [Fact]
    public void What_was_handled_is_counted_and_timed_and_what_failed_is_only_timed()
    {
        var begun = metrics.Begin();
        clock.Advance(TimeSpan.FromMilliseconds(250));
        metrics.Handled(40, begun);
        begun = metrics.Begin();
        clock.Advance(TimeSpan.FromMilliseconds(500));
        metrics.Failed(begun);
        metrics.Retried();
        metrics.DeadLettered();

        watch.Of("eventsourcing.consumer.events", tags).Should().Equal(40);
        watch.Of("eventsourcing.consumer.duration", [.. tags, "outcome=ok"]).Should().Equal(0.25);
        watch.Of("eventsourcing.consumer.duration", [.. tags, "outcome=failed"]).Should().Equal(0.5);
        watch.Of("eventsourcing.consumer.retries", tags).Should().Equal(1);
        watch.Of("eventsourcing.consumer.dead_letters", tags).Should().Equal(1);
    }

    [Fact]
    public void The_lag_grows_while_it_is_at_an_event_and_ends_at_the_end_of_the_log()
    {
        watch.Gauge("eventsourcing.consumer.lag", tags).Should().Equal(0);

        metrics.At(Recorded(position: 7, clock.GetUtcNow()));
        clock.Advance(TimeSpan.FromSeconds(3));
        watch.Gauge("eventsourcing.consumer.lag", tags).Should().Equal(3);
        watch.Gauge("eventsourcing.consumer.position", tags).Should().Equal(0);

        metrics.Passed(new LogPosition(7), isEnd: false);
        clock.Advance(TimeSpan.FromSeconds(1));
        watch.Gauge("eventsourcing.consumer.lag", tags).Should().Equal(4);
        watch.Gauge("eventsourcing.consumer.position", tags).Should().Equal(7);

        metrics.Passed(new LogPosition(9), isEnd: true);
        clock.Advance(TimeSpan.FromSeconds(5));
        watch.Gauge("eventsourcing.consumer.lag", tags).Should().Equal(0);
        watch.Gauge("eventsourcing.consumer.position", tags).Should().Equal(9);
    }

    [Fact]
    public void An_event_from_a_clock_that_is_ahead_has_no_negative_lag()
    {
        metrics.At(Recorded(position: 7, clock.GetUtcNow().AddSeconds(1)));

        watch.Gauge("eventsourcing.consumer.lag", tags).Should().Equal(0);
    }

    [Fact]
    public void The_oldest_parked_event_ages_until_none_is_left()
    {
        metrics.ParkedSince(clock.GetUtcNow());
        clock.Advance(TimeSpan.FromMinutes(2));
        watch.Gauge("eventsourcing.consumer.parked.age", tags).Should().Equal(120);

        metrics.ParkedSince(null);
        watch.Gauge("eventsourcing.consumer.parked.age", tags).Should().Equal(0);
    }

    [Fact]
    public void A_consumer_that_has_ended_shows_nothing()
    {
        metrics.Dispose();

        watch.Gauge("eventsourcing.consumer.lag", tags).Should().BeEmpty();
    }

    private static RecordedEvent Recorded(long position, DateTimeOffset recordedAt) => new()
    {
        Stream = "a-1",
        Version = new StreamVersion(1),
        Position = new LogPosition(position),
        Id = Guid.NewGuid(),
        Type = "happened",
        Data = "{}"u8.ToArray(),
        Metadata = default,
        RecordedAt = recordedAt,
    };
}
