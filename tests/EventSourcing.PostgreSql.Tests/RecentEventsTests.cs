namespace EventSourcing.PostgreSql;

/// <summary>What the tail keeps in memory is a part of the log without a gap, and bounded.</summary>
public sealed class RecentEventsTests
{
    [Fact]
    public void It_keeps_no_more_events_than_it_may_and_the_last_ones()
    {
        var recent = Begun(new RecentEvents(maxEvents: 100));

        for (var i = 0; i < 25; i++)
        {
            recent.TryAdd(i * 10, [.. Enumerable.Range((i * 10) + 1, 10).Select(position => Event(position))], (i + 1) * 10).Should().BeTrue();
        }

        recent.Count.Should().Be(100);
        recent.TryRead(After(149), 250, isFresh: true).Should().BeNull("what was dropped is the database's to read");
        var page = recent.TryRead(After(150), 250, isFresh: true)!;
        page.Events.Select(recorded => recorded.Position.Value).Should().Equal(Enumerable.Range(151, 100).Select(position => (long)position));
        page.IsEnd.Should().BeTrue();
    }

    [Fact]
    public void It_keeps_no_more_bytes_than_it_may()
    {
        var recent = Begun(new RecentEvents(maxEvents: 100, maxBytes: 50_000));

        recent.TryAdd(0, [.. Enumerable.Range(1, 90).Select(position => Event(position, bytes: 10_000))], 90);
        recent.Bytes.Should().BeInRange(30_000, 50_000);
        recent.Count.Should().Be(4);
        recent.TryAdd(90, [Event(91, bytes: 60_000)], 91);

        (recent.Count, recent.Bytes).Should().Be((0, 0), "an event that is too large altogether is not kept");
        recent.TryRead(After(90), 91, isFresh: true).Should().BeNull();
        recent.TryAdd(91, [Event(92)], 92).Should().BeTrue();
        recent.TryRead(After(91), 92, isFresh: true)!.Events.Should().ContainSingle();
    }

    [Fact]
    public void Only_what_follows_without_a_gap_is_added()
    {
        var recent = Begun(new RecentEvents());

        recent.TryAdd(0, [Event(1)], 1).Should().BeTrue();
        recent.TryAdd(0, [Event(1)], 1).Should().BeFalse();
        recent.TryAdd(2, [Event(3)], 3).Should().BeFalse();
        recent.Clear();
        recent.TryAdd(1, [Event(2)], 2).Should().BeFalse("nobody follows any more");
    }

    [Fact]
    public void It_does_not_answer_a_reader_who_knows_that_there_is_more()
    {
        var recent = Begun(new RecentEvents());
        recent.TryAdd(0, [Event(1), Event(2)], 2);

        recent.TryRead(After(0), final: 3, isFresh: true).Should().BeNull();
        recent.TryRead(After(0), final: 3, isFresh: false)!.IsEnd.Should().BeFalse();
        recent.TryRead(After(0) with { UpTo = new LogPosition(2) }, final: 3, isFresh: false)!.IsEnd.Should().BeTrue();
    }

    private static LogReadOptions After(long position) => new() { After = new LogPosition(position) };

    private static RecentEvents Begun(RecentEvents recent)
    {
        recent.BeginAfter(0);
        return recent;
    }

    private static RecordedEvent Event(long position, int bytes = 10) => new()
    {
        Stream = "order-1",
        Version = new StreamVersion(position),
        Position = new LogPosition(position),
        Id = Guid.CreateVersion7(),
        Type = "placed",
        Data = new byte[bytes],
        Metadata = default,
        RecordedAt = default,
    };
}
