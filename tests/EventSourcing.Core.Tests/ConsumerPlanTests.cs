namespace EventSourcing;

/// <summary>Who runs what is a function of the board alone: played through without a clock, a database or a process.</summary>
public sealed class ConsumerPlanTests
{
    private static readonly TimeSpan LeaseTime = TimeSpan.FromSeconds(3);

    [Fact]
    public void The_first_process_takes_everything_and_others_get_their_part()
    {
        var game = new Game();
        var definitions = Enumerable.Range(0, 10).Select(i => Definition($"projection-{i}")).ToArray();
        var first = game.Join(definitions);
        game.BeatAll();
        game.Held(first).Should().Be(10);

        var second = game.Join(definitions);
        game.BeatAll(rounds: 3);
        new[] { game.Held(first), game.Held(second) }.Should().Equal(5, 5);

        var third = game.Join(definitions);
        game.BeatAll(rounds: 3);
        new[] { game.Held(first), game.Held(second), game.Held(third) }.Should().OnlyContain(held => held == 3 || held == 4);

        game.Die(second);
        game.BeatAll(rounds: 3);
        new[] { game.Held(first), game.Held(third) }.Should().Equal(5, 5);
    }

    [Fact]
    public void A_steady_state_stays_as_it_is()
    {
        var game = new Game();
        var definitions = Enumerable.Range(0, 7).Select(i => Definition($"projection-{i}", shards: 3)).ToArray();
        _ = game.Join(definitions);
        _ = game.Join(definitions);
        game.BeatAll(rounds: 4);
        var epochs = game.Rows.ToDictionary(row => row.Key, row => (row.Owner, row.Epoch));

        game.BeatAll(rounds: 5);

        game.Rows.ToDictionary(row => row.Key, row => (row.Owner, row.Epoch)).Should().HaveCount(21).And.Equal(epochs);
    }

    [Fact]
    public void Each_change_of_the_owner_raises_the_epoch()
    {
        var game = new Game();
        var first = game.Join(Definition("one"));
        game.BeatAll();
        var epoch = game.Rows.Single().Epoch;
        game.Die(first);
        _ = game.Join(Definition("one"));
        game.BeatAll();

        game.Rows.Single().Epoch.Should().BeGreaterThan(epoch);
    }

    [Fact]
    public void A_consumer_goes_only_to_those_that_know_its_version()
    {
        var game = new Game();
        var old = game.Join(Definition("orders", version: 1), Definition("customers"));
        game.BeatAll();
        var young = game.Join(Definition("orders", version: 2), Definition("customers"));
        game.BeatAll(rounds: 4);

        var orders = game.Rows.Where(row => row.Key.Consumer == "orders").OrderBy(row => row.Key.Generation).ToArray();
        orders.Select(row => (row.Version, row.Role, row.Owner)).Should().Equal(
            (1, ConsumerRole.Serving, (Guid?)old.Id), (2, ConsumerRole.Building, (Guid?)young.Id));
    }

    [Fact]
    public void A_newer_version_replaces_one_that_is_still_being_built_and_an_older_one_begins_nothing()
    {
        var game = new Game();
        _ = game.Join(Definition("orders", version: 1));
        game.BeatAll();
        var second = game.Join(Definition("orders", version: 2));
        game.BeatAll();
        game.Die(second);
        _ = game.Join(Definition("orders", version: 3));
        game.BeatAll();
        _ = game.Join(Definition("orders", version: 2));
        game.BeatAll();

        game.Rows.OrderBy(row => row.Key.Generation).Select(row => (row.Key.Generation, row.Version, row.Role)).Should().Equal(
            (1, 1, ConsumerRole.Serving), (3, 3, ConsumerRole.Building));
    }

    [Fact]
    public void Other_shards_of_the_same_version_wait_for_a_rebuild()
    {
        var game = new Game();
        _ = game.Join(Definition("orders", shards: 2));
        game.BeatAll();
        _ = game.Join(Definition("orders", shards: 4));
        game.BeatAll(rounds: 2);
        game.Rows.Should().HaveCount(2);

        game.Change(board => ConsumerPlan.Rebuild(board, Definition("orders", shards: 4)));
        game.Change(board => ConsumerPlan.Rebuild(board, Definition("orders", shards: 4)));
        game.Rows.Count(row => row.Role == ConsumerRole.Building && row.Key.Shard.Count == 4).Should().Be(4, "asked for twice, begun once");
    }

    [Fact]
    public void A_reactor_is_divided_anew_only_when_nobody_runs_it_and_goes_on_at_the_position_farthest_behind()
    {
        var game = new Game();
        var first = game.Join(Definition("mails", shards: 2, isRebuildable: false));
        game.BeatAll();
        game.Move("mails", 0, 40);
        game.Move("mails", 1, 70);
        var second = game.Join(Definition("mails", shards: 4, isRebuildable: false));
        game.BeatAll(rounds: 2);
        game.Rows.Should().HaveCount(2, "somebody runs them");

        game.Die(first);
        game.Die(second);
        _ = game.Join(Definition("mails", shards: 4, isRebuildable: false));
        game.BeatAll(rounds: 2);

        game.Rows.Should().HaveCount(4).And.OnlyContain(row => row.Position == new LogPosition(40) && row.IsHeld);
    }

    [Fact]
    public void What_appends_apply_is_run_by_nobody_and_demoted_by_who_cannot()
    {
        var game = new Game();
        var definition = Definition("orders") with { IsInline = true };
        _ = game.Join(definition);
        game.BeatAll();
        game.Set(game.Rows.Single() with { IsInline = true, Owner = null });
        game.BeatAll(rounds: 2);
        game.Rows.Single().Owner.Should().BeNull();
        game.LastChange.Demoted.Should().BeEmpty();

        _ = game.Join(Definition("orders"));
        game.BeatAll();
        game.LastChange.Demoted.Should().Equal("orders");
    }

    [Fact]
    public void A_resumed_one_begins_anew_and_a_paused_one_stays_with_its_owner()
    {
        var game = new Game();
        var process = game.Join(Definition("orders"));
        game.BeatAll();
        game.Change(board => ConsumerPlan.Pause(board, "orders", isPaused: true));
        game.BeatAll();
        var paused = game.Rows.Single();
        paused.IsPaused.Should().BeTrue();
        paused.Owner.Should().Be(process.Id);

        game.Change(board => ConsumerPlan.Pause(board, "orders", isPaused: false));
        game.Rows.Single().Should().Match<ConsumerRow>(row => !row.IsPaused && row.Owner == null && row.Epoch == paused.Epoch + 1);
    }

    private static ConsumerDefinition Definition(string name, int version = 1, int shards = 1, bool isRebuildable = true) =>
        new(name, version, shards, LogPosition.Start, isRebuildable);

    /// <summary>A board and processes that beat in turns; a lease runs out when its process has died.</summary>
    private sealed class Game
    {
        private readonly List<(ConsumerProcess Process, ConsumerDefinition[] Definitions)> processes = [];
        private readonly Dictionary<ConsumerKey, ConsumerRow> rows = [];
        private readonly HashSet<Guid> known = [];
        private int nextId;

        public IReadOnlyCollection<ConsumerRow> Rows => [.. Board.Rows];

        public ConsumerBoardChange LastChange { get; private set; } = new();

        private ConsumerBoard Board => new(
            [.. rows.Values.Select(row => row with { IsHeld = processes.Exists(one => one.Process.Id == row.Owner) })],
            [.. processes.Where(one => known.Contains(one.Process.Id)).Select(one => one.Process)]);

        public ConsumerProcess Join(params ConsumerDefinition[] definitions)
        {
            var id = new Guid(++nextId, 0, 0, new byte[8]);
            var process = new ConsumerProcess(id, $"process {nextId}", [.. definitions.Select(definition => definition.Capability)]);
            processes.Add((process, definitions));
            return process;
        }

        public void Die(ConsumerProcess process) => processes.RemoveAll(one => one.Process.Id == process.Id);

        public int Held(ConsumerProcess process) => Rows.Count(row => row.IsHeld && row.Owner == process.Id);

        public void Set(ConsumerRow row) => rows[row.Key] = row;

        public void Move(string consumer, int shard, long position)
        {
            var row = rows.Values.Single(row => row.Key.Consumer == consumer && row.Key.Shard.Index == shard);
            rows[row.Key] = row with { Position = new LogPosition(position) };
        }

        public void BeatAll(int rounds = 1)
        {
            for (var round = 0; round < rounds; round++)
            {
                foreach (var (process, definitions) in processes.ToArray())
                {
                    Change(board => ConsumerPlan.Beat(board, process, definitions, new Dictionary<ConsumerKey, ConsumerReport>(), LeaseTime));
                    var surplus = ConsumerPlan.Surplus(Board, process).Select(row => row.Key).ToHashSet();
                    Change(board => ConsumerPlan.GiveUp(
                        board, process.Id, row => surplus.Contains(row.Key), new Dictionary<ConsumerKey, ConsumerReport>()));
                }
            }
        }

        public void Change(Func<ConsumerBoard, ConsumerBoardChange> change)
        {
            var made = change(Board);
            LastChange = made.Present is null ? LastChange : made;
            foreach (var key in made.Removed)
            {
                rows.Remove(key);
            }

            if (made.Present is { } present)
            {
                known.Add(present.Id);
            }

            foreach (var row in made.Added)
            {
                rows.TryAdd(row.Key, row);
            }

            foreach (var (epoch, row) in made.Changed)
            {
                if (rows.TryGetValue(row.Key, out var before) && before.Epoch == epoch)
                {
                    rows[row.Key] = row with { Position = before.Position };
                }
            }
        }
    }
}
