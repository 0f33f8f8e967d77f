using System.Text;
using Xunit;

namespace EventSourcing.Conformance;

/// <summary>Who did what and why: events found by their metadata, and chains of causes followed both ways.</summary>
public abstract class AuditSuite : ReactorFixture
{
    /// <summary>The capability, beside a store.</summary>
    protected abstract IEventLookup CreateLookup(IEventStore store);

    private IEventLookup Lookup => CreateLookup(Store);

    private AuditTrail Trail => new(Store, Lookup);

    [Fact]
    public async Task Events_are_found_by_their_id_and_by_each_of_their_metadata_in_the_order_of_the_log()
    {
        var mine = new EventMetadata { CommandId = "c1", CorrelationId = "r1", CausationId = "e1", Actor = "clerk-7" };
        var first = Event("a-1", mine);
        var second = Event("b-1", mine with { CommandId = "c2", Actor = "clerk-8" });
        await AppendAsync("b-1", ExpectedVersion.NoStream, second, Event("b-2", null));
        await AppendAsync("a-1", ExpectedVersion.NoStream, first);
        await AppendAsync("c-1", ExpectedVersion.NoStream, NewEvents(3));

        Assert.Equal([second.Id, first.Id], await FoundAsync(AuditKey.CorrelationId, "r1"));
        Assert.Equal([second.Id, first.Id], await FoundAsync(AuditKey.CausationId, "e1", "e2"));
        Assert.Equal([first.Id], await FoundAsync(AuditKey.CommandId, "c1", "other"));
        Assert.Equal([second.Id, first.Id], await FoundAsync(AuditKey.CommandId, "c1", "c2", "c1"));
        Assert.Equal([second.Id], await FoundAsync(AuditKey.Actor, "clerk-8"));
        Assert.Equal([first.Id], await FoundAsync(AuditKey.EventId, first.Id.ToString().ToUpperInvariant(), "no id"));
        Assert.Empty(await FoundAsync(AuditKey.EventId, Guid.NewGuid().ToString()));
        Assert.Empty(await FoundAsync(AuditKey.Actor, "r1", "CLERK-8", "clerk-", string.Empty));
        Assert.Empty(await FoundAsync(AuditKey.Actor));
        Assert.Equal([second.Id, first.Id], await Trail.OfCorrelationAsync("r1", Cancellation).Select(entry => entry.Recorded.Id).ToListAsync(Cancellation));
        Assert.Equal([second.Id], await Trail.OfActorAsync("clerk-8", Cancellation).Select(entry => entry.Recorded.Id).ToListAsync(Cancellation));
        Assert.Equal([first.Id], await Trail.OfCommandAsync("c1", Cancellation).Select(entry => entry.Recorded.Id).ToListAsync(Cancellation));
        Assert.Equal(2, await Trail.OfStreamAsync("b-1", cancellationToken: Cancellation).CountAsync(Cancellation));
        Assert.Equal("clerk-7", (await Trail.FindAsync(first.Id, Cancellation))!.Metadata.Actor);
        Assert.Null(await Trail.FindAsync(Guid.NewGuid(), Cancellation));
    }

    [Fact]
    public async Task Whatever_metadata_hold_they_are_found_by_just_that()
    {
        var long1 = new string('x', 5000) + "1";
        string[] actors = ["Zoë 🎉", "a\0b", "a\uFFFDb", "back\\u0000slash", "quote\"", long1, new string('x', 5000) + "2", "+<>&'", string.Empty];
        var ids = new List<Guid>();
        foreach (var actor in actors)
        {
            // What stands beside it may be what a server cannot take out of JSON.
            var data = Event("a-1", new EventMetadata { Actor = actor, Custom = new Dictionary<string, string> { ["\0odd"] = "\0" } });
            await AppendAsync("a-1", ExpectedVersion.Any, data);
            ids.Add(data.Id);
        }

        for (var i = 0; i < actors.Length; i++)
        {
            Assert.Equal([ids[i]], await FoundAsync(AuditKey.Actor, actors[i]));
        }

        Assert.Equal(ids, await FoundAsync(AuditKey.Actor, actors));
        Assert.Empty(await FoundAsync(AuditKey.Actor, "\uD800"));
    }

    [Fact]
    public async Task Of_writers_elsewhere_odd_metadata_are_found_or_left_alone()
    {
        var number = NewEvent(metadata: """{"actor": 5, "correlationId" : "old", "correlationId":"r1"}""");
        var lone = NewEvent(metadata: """{"actor":"\ud800","correlationId":"r1"}""");
        await AppendAsync("a-1", ExpectedVersion.NoStream, number, lone, NewEvent(metadata: """{"actor":null}"""), NewEvent(metadata: """{"x":{"actor":"nested"}}"""));

        Assert.Equal([number.Id], await FoundAsync(AuditKey.Actor, "5"));
        Assert.Equal([number.Id], await FoundAsync(AuditKey.CorrelationId, "r1"));
        Assert.Empty(await FoundAsync(AuditKey.CorrelationId, "old"));
        Assert.Empty(await FoundAsync(AuditKey.Actor, "nested", "null", "\uFFFD"));
        Assert.Equal([lone.Id], await FoundAsync(AuditKey.EventId, lone.Id.ToString()));
        Assert.Contains("metadata that cannot be read", (await Trail.FindAsync(lone.Id, Cancellation))!.ToString(), StringComparison.Ordinal);
        await Assert.ThrowsAsync<EventSerializationException>(() => Trail.CausesAsync(lone.Id, Cancellation));
    }

    [Fact]
    public async Task Many_events_of_one_actor_come_all_once_and_in_order()
    {
        var metadata = new EventMetadata { Actor = "robot" };
        for (var i = 0; i < 3; i++)
        {
            await AppendAsync($"a-{i}", ExpectedVersion.NoStream, [.. Enumerable.Range(0, 700).Select(_ => Event("a", metadata))]);
        }

        var found = await Lookup.FindAsync(AuditKey.Actor, ["robot", "nobody"], Cancellation).ToListAsync(Cancellation);

        Assert.Equal((await ReadLogAsync()).Select(recorded => recorded.Position), found.Select(recorded => recorded.Position));
    }

    [Fact]
    public async Task A_chain_through_commands_a_reactor_and_its_messages_is_followed_both_ways()
    {
        var commands = new Till(new Repository(Store, Serializer));
        var shop = new Shop(
            Effects,
            onOrdered: async (ordered, context) =>
            {
                await context.SendAsync(new Charge("payment-1", ordered.Number));
                context.Schedule(new Reminder(7), TimeSpan.Zero);
            },
            onReminder: (reminder, context) => context.SendAsync(new Charge("reminder-1", reminder.Number)));
        await new Repository(Store, Serializer).ExecuteAsync(
            "order-1", 0, (count, _) => count + 1, _ => [new Ordered(1)], new CommandContext { CommandId = "place-1", CorrelationId = "request-42", CausationId = "click-9", Actor = "clerk-7" }, Cancellation);
        await using (Run(Runner([shop], commands: commands)))
        {
            await UntilAsync(async () => (await ReadAsync("reminder-1")).Count == 1 && (await ReadAsync("payment-1")).Count == 1);
        }

        var ordered = Assert.Single(await ReadAsync("order-1"));
        var reminded = Assert.Single(await ReadAsync("reminder-1"));
        var causes = await Trail.CausesAsync(reminded.Id, Cancellation);
        Assert.Equal(
            [CausalStepKind.Event, CausalStepKind.Command, CausalStepKind.Event, CausalStepKind.Command, CausalStepKind.Other],
            causes.Select(step => step.Kind));
        Assert.Equal([reminded.Id.ToString(), ordered.Id.ToString(), "place-1", "click-9"], causes.Select(step => step.Id).Where((_, i) => i != 1));
        Assert.Equal("clerk-7", causes[2].Entry!.Metadata.Actor);
        Assert.Equal("click-9 (not in the log)", causes[4].ToString());

        var tree = (await Trail.EffectsOfCommandAsync("place-1", Cancellation))!;
        var order = Assert.Single(tree.Effects);
        Assert.Equal(ordered.Id.ToString(), order.Step.Id);
        Assert.Equal(["payment-1", "reminder-1"], order.Effects.Select(sent => Assert.Single(sent.Effects).Step.Entry!.Recorded.Stream.Value));
        Assert.All(order.Effects, sent => Assert.Equal(CausalStepKind.Command, sent.Step.Kind));
        Assert.Equal(6, tree.Steps().Count());
        Assert.Equal(5, (await Trail.EffectsAsync(ordered.Id, Cancellation))!.Steps().Count());
        var lines = tree.ToString().Split('\n');
        Assert.Equal(6, lines.Length);
        Assert.Equal("command place-1", lines[0]);
        Assert.StartsWith("  order-1@1 shop-ordered, ", lines[1], StringComparison.Ordinal);
        Assert.StartsWith("    command ", lines[2], StringComparison.Ordinal);
        Assert.StartsWith("      payment-1@1 shop-paid, ", lines[3], StringComparison.Ordinal);
        Assert.Equal(3, await Trail.OfCorrelationAsync("request-42", Cancellation).CountAsync(Cancellation));
    }

    [Fact]
    public async Task A_command_that_sends_another_is_a_step_of_the_chain_as_well()
    {
        var parent = Event("a-1", new EventMetadata { CommandId = "parent", CausationId = "parent" });
        var child = Event("b-1", new EventMetadata { CommandId = "child", CausationId = "parent" });
        var sibling = Event("b-2", new EventMetadata { CommandId = "child", CausationId = "elsewhere" });
        await AppendAsync("a-1", ExpectedVersion.NoStream, parent, child, sibling);

        Assert.Equal([child.Id.ToString(), "child", "parent"], (await Trail.CausesAsync(child.Id, Cancellation)).Select(step => step.Id));
        Assert.Equal([parent.Id.ToString(), "parent"], (await Trail.CausesAsync(parent.Id, Cancellation)).Select(step => step.Id));
        Assert.Equal(
            ["parent", parent.Id.ToString(), "child", child.Id.ToString(), sibling.Id.ToString()],
            (await Trail.EffectsOfCommandAsync("parent", Cancellation))!.Steps().Select(step => step.Id));
        Assert.Single((await Trail.EffectsAsync(child.Id, Cancellation))!.Steps());
    }

    [Fact]
    public async Task What_the_log_does_not_hold_has_neither_causes_nor_effects()
    {
        await AppendAsync("a-1", ExpectedVersion.NoStream, NewEvents(1));
        var alone = (await ReadAsync("a-1"))[0];

        Assert.Empty(await Trail.CausesAsync(Guid.NewGuid(), Cancellation));
        Assert.Null(await Trail.EffectsAsync(Guid.NewGuid(), Cancellation));
        Assert.Null(await Trail.EffectsOfCommandAsync("none", Cancellation));
        Assert.Equal([alone.Id.ToString()], (await Trail.CausesAsync(alone.Id, Cancellation)).Select(step => step.Id));
        await Assert.ThrowsAsync<ArgumentNullException>(() => Trail.EffectsOfCommandAsync(null!, Cancellation));
        Assert.Throws<ArgumentNullException>(() => Trail.OfActorAsync(null!, Cancellation));
        Assert.Throws<ArgumentNullException>(() => Lookup.FindAsync(AuditKey.Actor, null!, Cancellation));
        Assert.Throws<ArgumentOutOfRangeException>(() => Lookup.FindAsync((AuditKey)9, ["a"], Cancellation));
    }

    [Fact]
    public async Task Metadata_that_lead_in_a_circle_end()
    {
        Guid[] ids = [Guid.CreateVersion7(), Guid.CreateVersion7(), Guid.CreateVersion7()];
        await AppendAsync(
            "a-1",
            ExpectedVersion.NoStream,
            Caused(ids[0], ids[2].ToString(), null),
            Caused(ids[1], ids[0].ToString(), "x"),
            Caused(ids[2], ids[1].ToString(), "y"),
            Caused(Guid.CreateVersion7(), "loop-b", "loop-a"),
            Caused(Guid.CreateVersion7(), "loop-a", "loop-b"));
        var own = Guid.CreateVersion7();
        await AppendAsync("a-2", ExpectedVersion.NoStream, Caused(own, own.ToString(), own.ToString()));

        Assert.Equal([ids[0].ToString(), ids[2].ToString(), "y", ids[1].ToString(), "x"], (await Trail.CausesAsync(ids[0], Cancellation)).Select(step => step.Id));
        Assert.Equal([ids[0].ToString(), "x", ids[1].ToString(), "y", ids[2].ToString()], (await Trail.EffectsAsync(ids[0], Cancellation))!.Steps().Select(step => step.Id));
        Assert.Equal(4, (await Trail.EffectsOfCommandAsync("loop-a", Cancellation))!.Steps().Count());
        Assert.Equal(2, (await Trail.CausesAsync(own, Cancellation)).Count);
        Assert.Single((await Trail.EffectsAsync(own, Cancellation))!.Steps());
    }

    [Fact]
    public async Task A_chain_may_be_longer_than_a_stack()
    {
        const int Length = 400;
        var ids = Enumerable.Range(0, Length).Select(_ => Guid.CreateVersion7()).ToArray();
        await AppendAsync("a-1", ExpectedVersion.NoStream, [.. ids.Select((id, i) => Caused(id, i == 0 ? null : ids[i - 1].ToString(), null))]);

        Assert.Equal(ids.Reverse().Select(id => id.ToString()), (await Trail.CausesAsync(ids[^1], Cancellation)).Select(step => step.Id));
        var tree = (await Trail.EffectsAsync(ids[0], Cancellation))!;
        Assert.Equal(ids.Select(id => id.ToString()), tree.Steps().Select(step => step.Id));
        Assert.Equal(Length, tree.ToString().Split('\n').Length);
    }

    private async Task<List<Guid>> FoundAsync(AuditKey key, params string[] values) =>
        await Lookup.FindAsync(key, values, Cancellation).Select(recorded => recorded.Id).ToListAsync(Cancellation);

    private EventData Event(string name, EventMetadata? metadata) => Serializer.Serialize(new Ordered(name.Length), metadata);

    private EventData Caused(Guid id, string? cause, string? command) =>
        Serializer.Serialize(new Ordered(1), new EventMetadata { CausationId = cause, CommandId = command }, id);

    private sealed record Charge(string Stream, int Number);

    /// <summary>Does what reactors ask for.</summary>
    private sealed class Till(Repository repository) : ICommandDispatcher
    {
        public Task<CommandResult> DispatchAsync<TCommand>(TCommand command, CommandContext? context = null, CancellationToken cancellationToken = default)
            where TCommand : notnull
        {
            var charge = (Charge)(object)command;
            return repository.ExecuteAsync(charge.Stream, 0, (count, _) => count + 1, _ => [new Paid(charge.Number)], context, cancellationToken);
        }
    }
}
