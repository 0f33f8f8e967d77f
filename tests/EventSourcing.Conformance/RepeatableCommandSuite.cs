using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace EventSourcing.Conformance;

/// <summary>Commands that come again under their id: one run counts, and all answer as that one.</summary>
public abstract class RepeatableCommandSuite : StoreSuite
{
    private static readonly Fold<int> Sum = new(() => 0, (sum, @event) => sum + ((Counted)@event).By);
    private static readonly CommandContext Command = new() { CommandId = "payment-1", IsRepeatable = true };

    private readonly EventSerializer serializer = new(new EventTypeRegistry().Add<Counted>());

    private Repository Repository => With(maxAttempts: 1_000);

    [Fact]
    public async Task A_command_that_comes_again_stores_nothing_and_answers_as_the_first_time()
    {
        await Repository.ExecuteAsync("count-1", Sum, _ => [new Counted(1)], cancellationToken: Cancellation);
        var first = await Repository.ExecuteAsync("count-1", Sum, _ => [new Counted(7), new Counted(8)], Command, Cancellation);
        await Repository.ExecuteAsync("count-1", Sum, _ => [new Counted(1)], cancellationToken: Cancellation);

        // By another process, with another answer to give by now, and by one that refuses by now.
        var again = await Repository.ExecuteAsync("count-1", Sum, _ => [new Counted(9)], Command with { Actor = "somebody" }, Cancellation);
        var refused = await Repository.ExecuteAsync<int>("count-1", Sum, _ => throw new InvalidOperationException("Paid already."), Command, Cancellation);

        foreach (var result in new[] { again, refused })
        {
            Assert.Equal((first.Position, new StreamVersion(3)), (result.Position, result.Streams[0].Version));
            Assert.Equal([new Counted(7), new Counted(8)], result.Events);
        }

        Assert.Equal(4, await HeadAsync());
    }

    [Fact]
    public async Task Only_what_is_repeatable_is_taken_for_a_repetition()
    {
        var command = new CommandContext { CommandId = "payment-1" };
        await Repository.ExecuteAsync("count-1", Sum, _ => [new Counted(1)], command, Cancellation);
        await Repository.ExecuteAsync("count-1", Sum, _ => [new Counted(1)], command, Cancellation);
        await Repository.ExecuteAsync("count-1", Sum, _ => [new Counted(1)], command with { IsRepeatable = true }, Cancellation);
        await Repository.ExecuteAsync("count-2", Sum, _ => [new Counted(1)], command with { IsRepeatable = true }, Cancellation);
        await Repository.ExecuteAsync("count-1", Sum, _ => [new Counted(1)], command with { IsRepeatable = true, CommandId = "payment-2" }, Cancellation);

        Assert.Equal(5, await HeadAsync());
    }

    [Fact]
    public async Task Of_many_runs_at_once_one_counts_and_all_answer_as_that_one()
    {
        for (var round = 0; round < 5; round++)
        {
            // Each would store something else, and another number of events: as one that puts a time into them.
            var stream = $"count-{round}";
            var results = await Task.WhenAll(Enumerable.Range(0, 16).Select(rival => Task.Run(
                () => With(maxAttempts: rival % 4 == 0 ? 1 : 1_000, rival % 2 == 0 ? null : new StreamCacheOptions { IsOptimistic = true })
                    .ExecuteAsync(stream, Sum, _ => Enumerable.Range(0, 1 + (rival % 3)).Select(i => new Counted((100 * rival) + i)), Command, Cancellation),
                Cancellation))).WaitAsync(Patience, Cancellation);

            var stored = await ReadAsync(stream);
            var events = stored.Select(recorded => serializer.Deserialize(recorded).Event).ToArray();
            Assert.Equal(1 + (((Counted)events[0]).By / 100 % 3), events.Length);
            foreach (var result in results)
            {
                Assert.Equal(events, result.Events);
                Assert.Equal((stored[^1].Position, stored[^1].Version), (result.Position, result.Streams[0].Version));
            }
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task What_a_rival_has_stored_while_this_run_decided_is_the_answer_and_not_what_this_one_decided(int events)
    {
        var cached = With(maxAttempts: 1, new StreamCacheOptions { IsOptimistic = true });
        var result = await cached.ExecuteAsync("count-1", Sum, _ => Meanwhile(Enumerable.Range(0, events).Select(_ => new Counted(99))), Command, Cancellation);

        Assert.Equal([new Counted(7), new Counted(8)], result.Events);
        Assert.Equal(new StreamVersion(2), result.Streams[0].Version);
        Assert.Equal(15, (await cached.LoadAsync("count-1", Sum, Cancellation)).State);
    }

    [Fact]
    public async Task A_run_that_refuses_on_what_the_cache_knows_answers_as_the_rival_who_was_first()
    {
        var cached = With(maxAttempts: 1, new StreamCacheOptions { IsOptimistic = true });
        await cached.ExecuteAsync("count-1", Sum, _ => [new Counted(1)], cancellationToken: Cancellation);
        var decisions = 0;
        var result = await cached.ExecuteAsync<int>(
            "count-1",
            Sum,
            _ => decisions++ == 0 ? [.. Meanwhile([])] : throw new InvalidOperationException("Paid already."),
            Command,
            Cancellation);

        Assert.Equal([new Counted(7), new Counted(8)], result.Events);
    }

    [Fact]
    public async Task A_run_after_one_that_stored_nothing_decides_anew()
    {
        var nothing = await Repository.ExecuteAsync("count-1", Sum, _ => [], Command, Cancellation);
        await Repository.ExecuteAsync("count-1", Sum, _ => [new Counted(1)], cancellationToken: Cancellation);
        var something = await Repository.ExecuteAsync("count-1", Sum, _ => [new Counted(5)], Command, Cancellation);
        var again = await Repository.ExecuteAsync("count-1", Sum, _ => [], Command, Cancellation);

        Assert.Empty(nothing.Events);
        Assert.Equal([new Counted(5)], something.Events);
        Assert.Equal(something.Events, again.Events);
        Assert.Equal(2, await HeadAsync());
    }

    [Fact]
    public async Task A_run_that_failed_on_its_way_has_not_been()
    {
        await RefusesAsync<InvalidOperationException>(() => Repository.ExecuteAsync("count-1", Sum, _ => [new Counted(1), new Unregistered()], Command, Cancellation));
        var result = await Repository.ExecuteAsync("count-1", Sum, _ => [new Counted(1)], Command, Cancellation);

        Assert.Equal(new StreamVersion(1), result.Streams[0].Version);
    }

    [Fact]
    public async Task An_id_that_is_none_is_refused()
    {
        foreach (var id in new[] { string.Empty, null, "\ud800" })
        {
            var refused = await RefusesAsync<ArgumentException>(() => Repository.ExecuteAsync(
                "count-1", Sum, _ => [new Counted(1)], Command with { CommandId = id! }, Cancellation));

            Assert.Contains(" id ", refused.Message, StringComparison.Ordinal);
        }

        Assert.Equal(0, await HeadAsync());
    }

    [Fact]
    public async Task Each_step_of_a_handler_is_one_of_its_own_and_a_crash_between_them_is_made_good()
    {
        var crashing = true;
        await using var provider = Dispatching(async (repository, context) =>
        {
            Assert.Equal(Command, context);
            var one = await repository.ExecuteAsync("count-1", Sum, _ => [new Counted(1)], context, Cancellation);
            if (crashing)
            {
                throw new TimeoutException();
            }

            var two = await repository.ExecuteAsync("count-1", Sum, _ => [new Counted(2)], context, Cancellation);
            var other = await repository.ExecuteAsync("count-2", Sum, _ => [new Counted(3)], context, Cancellation);
            return new CommandResult(other.Position, [], [.. one.Events, .. two.Events, .. other.Events]);
        });
        var dispatcher = provider.GetRequiredService<ICommandDispatcher>();
        await Assert.ThrowsAsync<TimeoutException>(() => dispatcher.DispatchAsync(new Count(), Command, Cancellation));
        await Repository.ExecuteAsync("count-1", Sum, _ => [new Counted(100)], cancellationToken: Cancellation);
        crashing = false;

        var first = await dispatcher.DispatchAsync(new Count(), Command, Cancellation);
        var again = await dispatcher.DispatchAsync(new Count(), Command, Cancellation);

        Assert.Equal([new Counted(1), new Counted(2), new Counted(3)], first.Events);
        Assert.Equal(first.Events, again.Events);
        Assert.Equal(first.Position, again.Position);
        Assert.Equal(103, (await Repository.LoadAsync("count-1", Sum, Cancellation)).State);
        Assert.Equal(4, await HeadAsync());
    }

    [Fact]
    public async Task What_a_handler_sends_with_its_own_context_is_no_repetition_of_what_it_did()
    {
        ICommandDispatcher? dispatcher = null;
        await using var provider = Dispatching(
            async (repository, context) =>
            {
                await repository.ExecuteAsync("count-1", Sum, _ => [new Counted(1)], context, Cancellation);
                return await dispatcher!.DispatchAsync(new CountMore(), context, Cancellation);
            },
            (repository, context) => repository.ExecuteAsync("count-1", Sum, _ => [new Counted(2)], context, Cancellation));
        dispatcher = provider.GetRequiredService<ICommandDispatcher>();

        for (var run = 0; run < 2; run++)
        {
            Assert.Equal([new Counted(2)], (await dispatcher.DispatchAsync(new Count(), Command, Cancellation)).Events);
        }

        Assert.Equal(2, await HeadAsync());
    }

    [Fact]
    public async Task Several_aggregates_are_saved_once()
    {
        var first = await TransferAsync();
        await Repository.ExecuteAsync("from-1", Sum, _ => [new Counted(100)], cancellationToken: Cancellation);
        var again = await TransferAsync();

        Assert.Equal((first.Position, 3), (again.Position, again.Events.Count));
        Assert.Equal(first.Events, again.Events);
        Assert.Equal(first.Streams, again.Streams);
        Assert.Equal(4, await HeadAsync());
    }

    [Fact]
    public async Task Of_many_transfers_at_once_one_counts()
    {
        for (var round = 0; round < 5; round++)
        {
            // Another sum each, and another number of events: the slower ones meet a conflict or their own ids.
            var (command, before) = (Command with { CommandId = $"payment-{round}" }, await HeadAsync());
            var results = await Task.WhenAll(Enumerable.Range(0, 16).Select(rival => Task.Run(() => TransferAsync(1 + rival, rival % 3, command), Cancellation)))
                .WaitAsync(Patience, Cancellation);

            Assert.Equal(before + results[0].Events.Count, await HeadAsync());
            Assert.All(results, result => Assert.Equal(results[0].Events, result.Events));
            Assert.Equal(serializer.Deserialize((await ReadAsync("to-1"))[^1]).Event, results[0].Events[^1]);
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task What_a_rival_has_saved_since_the_aggregates_were_loaded_is_the_answer(int payments)
    {
        var from = await Repository.LoadAsync<Account>("from-1", Cancellation);
        var to = await Repository.LoadAsync<Account>("to-1", Cancellation);
        for (var i = 0; i < payments; i++)
        {
            from.Pay(-5);
        }

        to.Pay(5);
        var rival = await TransferAsync();
        var mine = await Repository.SaveAsync([from, to], Command, Cancellation);

        Assert.Equal(rival.Events, mine.Events);
        Assert.Equal((rival.Position, 3L), (mine.Position, await HeadAsync()));
    }

    [Fact]
    public async Task What_was_not_saved_because_it_had_been_before_is_not_saved_later()
    {
        await TransferAsync();
        var from = await Repository.LoadAsync<Account>("from-1", Cancellation);
        from.Pay(1);
        await Repository.SaveAsync([from], Command, Cancellation);
        Assert.Empty(from.UncommittedEvents);
        await Repository.SaveAsync([from], cancellationToken: Cancellation);

        Assert.Equal(3, await HeadAsync());
    }

    private async Task<CommandResult> TransferAsync(int fee = 1, int more = 0, CommandContext? command = null)
    {
        var from = await Repository.LoadAsync<Account>("from-1", Cancellation);
        var to = await Repository.LoadAsync<Account>("to-1", Cancellation);
        from.Pay(-10);
        from.Pay(-fee);
        for (var i = 0; i < more; i++)
        {
            from.Pay(0);
        }

        to.Pay(10 + fee);
        return await Repository.SaveAsync([from, to], command ?? Command, Cancellation);
    }

    /// <summary>A rival under the same id, who is quicker.</summary>
    private IEnumerable<object> Meanwhile(IEnumerable<object> mine)
    {
        Repository.ExecuteAsync("count-1", Sum, _ => [new Counted(7), new Counted(8)], Command, Cancellation).WaitAsync(Patience, Cancellation).GetAwaiter().GetResult();
        return mine;
    }

    private Repository With(int maxAttempts, StreamCacheOptions? cache = null) =>
        new(Store, serializer, new ConflictRetryOptions { MaxAttempts = maxAttempts }, cache: cache);

    private ServiceProvider Dispatching(params Handling[] handlings)
    {
        var services = new ServiceCollection();
        services.AddEventSourcing()
            .AddCommandHandler<Count, Handler>()
            .AddCommandHandler<CountMore, Handler>();
        services.AddSingleton<IRepository>(Repository).AddSingleton(handlings);
        return services.BuildServiceProvider();
    }

    private delegate Task<CommandResult> Handling(IRepository repository, CommandContext context);

    private sealed record Count;

    private sealed record CountMore;

    private sealed class Handler(IRepository repository, Handling[] handlings) : ICommandHandler<Count>, ICommandHandler<CountMore>
    {
        public Task<CommandResult> HandleAsync(Count command, CommandContext context, CancellationToken cancellationToken) =>
            handlings[0](repository, context);

        public Task<CommandResult> HandleAsync(CountMore command, CommandContext context, CancellationToken cancellationToken) =>
            handlings[1](repository, context);
    }

    [EventType("counted")]
    private sealed record Counted(int By);

    private sealed class Unregistered;

    private sealed class Account : Aggregate
    {
        public void Pay(int amount) => Raise(new Counted(amount));

        protected override void Apply(object @event)
        {
        }
    }
}
