using System.Text;

namespace EventSourcing.PostgreSql;

/// <summary>Which appends go together: none of which one would have to wait for the other.</summary>
public sealed class AppendBacklogTests
{
    [Fact]
    public void Appends_of_one_boundary_go_one_after_the_other_and_others_beside_them()
    {
        var backlog = new AppendBacklog();
        backlog.Enqueue(new WaitingAppend(Decision("a")));
        backlog.Enqueue(new WaitingAppend(Plain("a")));
        backlog.Enqueue(new WaitingAppend(Decision("b")));
        backlog.Enqueue(new WaitingAppend(Decision("a")));
        backlog.Enqueue(new WaitingAppend(Plain("c")));
        backlog.Enqueue(new WaitingAppend(Plain("c")));

        Take().Should().Equal("if a", "if b", "c", "c");
        Take().Should().Equal("a");
        Take().Should().Equal("if a");
        backlog.Count.Should().Be(0);

        IEnumerable<string> Take() => backlog.TakeBatch(out _).Select(append => append.Part.Stream.Category.Replace('_', ' '));
    }

    [Fact]
    public void A_condition_on_all_events_goes_alone()
    {
        var backlog = new AppendBacklog();
        backlog.Enqueue(new WaitingAppend(Plain("a")));
        backlog.Enqueue(new WaitingAppend(Plain("b") is var plain
            ? new AppendRequest(plain.Streams[0]) { Condition = new AppendCondition(EventQuery.All, DecisionPoint.Start) }
            : throw new InvalidOperationException()));
        backlog.Enqueue(new WaitingAppend(Plain("c")));

        backlog.TakeBatch(out _).Should().HaveCount(2);
        backlog.TakeBatch(out _).Should().ContainSingle().Which.Request.Condition.Should().NotBeNull();
    }

    [Fact]
    public void A_batch_has_a_bounded_number_of_keys()
    {
        var backlog = new AppendBacklog();
        for (var n = 0; n < 250; n++)
        {
            backlog.Enqueue(new WaitingAppend(Decision($"x{n}", $"y{n}", $"z{n}")));
        }

        var taken = 0;
        while (backlog.Count > 0)
        {
            var batch = backlog.TakeBatch(out _);
            batch.Should().NotBeEmpty();
            BoundaryKeys.Union(batch.Select(append => append.Keys)).Should().HaveCountLessThanOrEqualTo(BoundaryKeys.Most)
                .And.BeInAscendingOrder(Comparer<int>.Create((one, other) => Math.Abs(one).CompareTo(Math.Abs(other))))
                .And.OnlyHaveUniqueItems(key => Math.Abs(key));
            taken += batch.Count;
        }

        taken.Should().Be(250);
    }

    private static AppendRequest Decision(params string[] tags) => new(Part($"if_{tags[0]}", tags))
    {
        Condition = new AppendCondition(new EventQuery([.. tags.Select(tag => new EventQueryItem { Tags = [tag] })]), DecisionPoint.Start),
    };

    private static AppendRequest Plain(params string[] tags) => new(Part(tags[0], tags));

    private static StreamAppend Part(string category, string[] tags) => new(
        StreamName.For(category, Guid.NewGuid()),
        ExpectedVersion.NoStream,
        [new EventData(Guid.CreateVersion7(), "seen", Encoding.UTF8.GetBytes("{}"), tags: [.. tags.Select(tag => new Tag(tag))])]);
}
