using System.Text;

namespace EventSourcing.Torture;

/// <summary>Every name and key that is looked up: what nobody has stored is not found, or refused; what was stored comes back; and nothing
/// becomes part of a statement.</summary>
internal sealed class NamesRound(Trial trial, Random random, IReadOnlyList<Adapter> adapters, IReadOnlyList<ProjectionRunner> runners)
{
    private readonly HostileText texts = new(random);
    private readonly HostileJson json = new(random);

    public async Task RunAsync(int count)
    {
        for (var i = 0; i < count; i++)
        {
            var text = texts.Next();
            await CheckpointsAsync(text);
            await SnapshotsAsync(text);
            await ConsumersAsync(text);
            await ReactorsAsync(text);
            await ViewsAsync(text);
            await RunnersAsync(text);
        }
    }

    private async Task CheckpointsAsync(string name)
    {
        var checkpoint = Checkpoint.After(new LogPosition(random.NextInt64()));
        var outcome = await AllAsync("ICheckpointStore", name, async adapter =>
        {
            var before = await adapter.Checkpoints.LoadAsync(name);
            await adapter.Checkpoints.SaveAsync(name, checkpoint);
            return $"{before}, {await adapter.Checkpoints.LoadAsync(name)}";
        });
        trial.Require(outcome.StartsWith('!') || outcome.EndsWith($", {checkpoint}", StringComparison.Ordinal), "A checkpoint comes back differently", $"{Trial.Show(name)}: {outcome}");
    }

    private async Task SnapshotsAsync(string name)
    {
        var state = json.Value(3);
        StreamName stream = StreamName.For("snapshot", Guid.NewGuid());
        var taken = new StoredSnapshot(stream, name, 1, new StreamVersion(random.NextInt64()), new LogPosition(random.NextInt64()), Encoding.UTF8.GetBytes(state));
        var outcome = await AllAsync("ISnapshotStore", name, async adapter =>
        {
            await adapter.Snapshots.SaveAsync(taken);
            var kept = await adapter.Snapshots.LoadAsync(stream, name);
            return kept is not null && kept with { State = taken.State } == taken && kept.State.Span.SequenceEqual(taken.State.Span) ? "same" : "different";
        });
        trial.Require(outcome != "= different", "A snapshot comes back differently", $"{Trial.Show(name)}: {state}");
    }

    private async Task ConsumersAsync(string name)
    {
        await AllAsync("IConsumerStore.ReadAsync", name, async adapter => (await adapter.Consumers.ReadAsync(name)).Rows.Count.ToString());
        await AllAsync("IDeadLetterStore.ListAsync", name, async adapter => (await adapter.Letters.ListAsync(name)).Count.ToString());
        await AllAsync("IDeadLetterStore.RemoveAsync", name, async adapter => (await adapter.Letters.RemoveAsync(name, Position())).ToString());
    }

    private async Task ReactorsAsync(string name)
    {
        var (one, other) = (Position(), Position());
        await AllAsync("IReactorStore.FindReceiptsAsync", name, async adapter => (await adapter.Reactors.FindReceiptsAsync(name, one, other)).Count.ToString());
        await AllAsync("IReactorStore.ListMessagesAsync", name, async adapter => (await adapter.Reactors.ListMessagesAsync(name)).Count.ToString());
        await AllAsync("IReactorStore.RetryMessageAsync", name, async adapter => (await adapter.Reactors.RetryMessageAsync(name, Guid.NewGuid())).ToString());
        await AllAsync("IReactorStore.RemoveMessageAsync", name, async adapter => (await adapter.Reactors.RemoveMessageAsync(name, Guid.Empty)).ToString());
        await AllAsync("IReactorStore.ResetAsync", name, async adapter => (await adapter.Reactors.ResetAsync(name, one)).ToString());
        await AllAsync("IReactorStore.PruneReceiptsAsync", name, async adapter =>
        {
            await adapter.Reactors.PruneReceiptsAsync(name, TimeSpan.FromDays(random.Next(9)));
            return "done";
        });
        // A lease is never made of a name from outside.
        var lease = new ConsumerLease(new ConsumerKey(texts.NextStorable(), random.Next(), StreamShard.All), ConsumerRole.Serving, random.NextInt64());
        await AllAsync("IReactorStore.LoadAsync", name, async adapter => (await adapter.Reactors.LoadAsync(lease)).ToString());
        await AllAsync("IReactorStore.MoveAsync", name, async adapter =>
        {
            await adapter.Reactors.MoveAsync(lease, new EventPage(one, [], other), new ReactorOutcome(Guid.NewGuid(), one));
            return "moved";
        });
        await AllAsync("IOutbox.SettleParkedAsync", name, async adapter => (await adapter.Outbox.SettleParkedAsync(Guid.NewGuid(), random.Next(2) == 0)).ToString());
        await AllAsync("IOutbox.LoadPositionAsync", name, async adapter => (await adapter.Outbox.LoadPositionAsync(lease)).ToString());
        await AllAsync("IOutbox.ParkAsync", name, async adapter =>
        {
            await adapter.Outbox.ParkAsync(lease, one.Value, texts.Next(), random.Next());
            return "parked";
        });
    }

    private async Task ViewsAsync(string key)
    {
        await AllAsync("IViewReader.FindAsync", key, async adapter => (await adapter.Views.Open(new Texts()).FindAsync(key))?.ToString() ?? "none");
        await AllAsync("IViewReader.FindAsync of one that has never run", key, async adapter => (await adapter.Views.Open(new Texts("never")).FindAsync(key))?.ToString() ?? "none");
    }

    private async Task RunnersAsync(string name)
    {
        var letter = new DeadLetter(name, Position(), Guid.NewGuid(), "a-1", "t", name, 1, default);
        await AllRunnersAsync("RebuildAsync of a key", name, async runner =>
        {
            await runner.RebuildAsync(Texts.UsualName, name);
            return "rebuilt";
        });
        await AllRunnersAsync("RebuildAsync", name, async runner =>
        {
            await runner.RebuildAsync(name);
            return "rebuilt";
        });
        await AllRunnersAsync("WaitForAsync", name, async runner =>
        {
            await runner.WaitForAsync(name, letter.Position);
            return "passed";
        });
        await AllRunnersAsync("PauseAsync", name, async runner =>
        {
            await runner.PauseAsync(name);
            return "paused";
        });
        await AllRunnersAsync("ListDeadLettersAsync", name, async runner => (await runner.ListDeadLettersAsync(name)).Count.ToString());
        await AllRunnersAsync("RetryDeadLetterAsync", name, async runner => (await runner.RetryDeadLetterAsync(letter)).ToString());
        await AllRunnersAsync("RetryDeadLetterAsync", name, async runner => (await runner.RetryDeadLetterAsync(letter with { Consumer = Texts.UsualName })).ToString());
        await AllRunnersAsync("DiscardDeadLetterAsync", name, async runner => (await runner.DiscardDeadLetterAsync(letter)).ToString());
    }

    private Task<string> AllAsync(string what, string input, Func<Adapter, Task<string>> act) => trial.OnAllAsync(what, Trial.Show(input), adapters, act);

    private Task<string> AllRunnersAsync(string what, string input, Func<ProjectionRunner, Task<string>> act) => trial.OnAllAsync(
        $"ProjectionRunner.{what}", Trial.Show(input), adapters, adapter => act(runners[adapters.ToList().IndexOf(adapter)]));

    private LogPosition Position() => new(random.Next(4) switch { 0 => 0, 1 => long.MaxValue, 2 => random.NextInt64(), _ => random.Next(100) });
}
