namespace EventSourcing;

/// <summary>What a process gives up counts for those who will take it.</summary>
public sealed class ConsumerSurplusTests
{
    private static readonly string[] Names = [.. Enumerable.Range(0, 10).Select(number => $"projection-{number}")];
    private static readonly ConsumerProcess Old = Process("old");
    private static readonly ConsumerProcess New = Process("new");

    [Fact]
    public void A_process_gives_up_half_for_one_that_has_come() =>
        ConsumerPlan.Surplus(Board(row => Old.Id), Old).Should().HaveCount(5);

    [Fact]
    public void What_is_given_up_already_and_not_yet_taken_is_not_given_up_again() =>
        ConsumerPlan.Surplus(Board(row => row < 5 ? Old.Id : null), Old).Should().BeEmpty();

    [Fact]
    public void What_is_given_up_already_is_not_taken_back()
    {
        var definitions = Names.Select(name => new ConsumerDefinition(name, 1, 1, LogPosition.Start, IsRebuildable: true)).ToArray();
        var reports = new Dictionary<ConsumerKey, ConsumerReport>();

        var change = ConsumerPlan.Beat(Board(row => row < 5 ? Old.Id : null), Old, definitions, reports, TimeSpan.FromSeconds(3));

        change.Changed.Should().HaveCount(5).And.OnlyContain(changed => changed.Epoch == changed.Row.Epoch);
    }

    private static ConsumerProcess Process(string label) => new(Guid.NewGuid(), label, [.. Names.Select(name => $"{name}@1")]);

    private static ConsumerBoard Board(Func<int, Guid?> owner) => new(
        [
            .. Names.Select((name, row) => new ConsumerRow
            {
                Key = new ConsumerKey(name, 1, StreamShard.All),
                Version = 1,
                Epoch = 1,
                Owner = owner(row),
                IsHeld = owner(row) is not null,
            }),
        ],
        [Old, New]);
}
