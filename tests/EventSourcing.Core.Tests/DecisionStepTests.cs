using Microsoft.Extensions.DependencyInjection;

namespace EventSourcing;

/// <summary>What a dispatched command decides more than once.</summary>
public sealed class DecisionStepTests
{
    [Fact]
    public async Task Each_decision_of_a_command_that_comes_again_is_recognised_as_its_own()
    {
        var services = new ServiceCollection();
        services.AddEventSourcing().UseInMemory().AddEvent<Counted>().AddCommandHandler<CountTwice, Handler>();
        await using var provider = services.BuildServiceProvider();
        var dispatcher = provider.GetRequiredService<ICommandDispatcher>();
        var context = new CommandContext { CommandId = "count-1", IsRepeatable = true };

        var first = await dispatcher.DispatchAsync(new CountTwice(), context);
        var again = await dispatcher.DispatchAsync(new CountTwice(), context);
        var other = await dispatcher.DispatchAsync(new CountTwice(), context with { CommandId = "count-2" });

        first.Events.Should().Equal(new Counted(2));
        again.Events.Should().Equal(first.Events);
        again.Position.Should().Be(first.Position);
        other.Events.Should().Equal(new Counted(4));
        (await provider.GetRequiredService<IEventStore>().QueryAsync(EventQuery.All)).Events.Should().HaveCount(4);
    }

    private sealed record CountTwice;

    [EventType("counted")]
    private sealed record Counted(int Number);

    private sealed class Handler(IRepository repository) : ICommandHandler<CountTwice>
    {
        private readonly DecisionProjection<int> last = new DecisionProjection<int>(0).On<Counted>((_, counted) => counted.Number).LatestOnly();

        public async Task<CommandResult> HandleAsync(CountTwice command, CommandContext context, CancellationToken cancellationToken = default)
        {
            await repository.DecideAsync([last], known => [new Counted(known.Of(last) + 1)], context, cancellationToken);
            return await repository.DecideAsync([last], known => [new Counted(known.Of(last) + 1)], context, cancellationToken);
        }
    }
}
