using EventSourcing.Conformance;

namespace EventSourcing.PostgreSql;

/// <summary>The tables of a read model are made by whoever comes first, and all others find them.</summary>
public sealed class ReadModelSetUpTests
{
    private static readonly EventSerializer Serializer = new(new EventTypeRegistry().Add<Counted>());

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Shards_that_begin_at_the_same_moment_do_not_fail_because_of_each_other()
    {
        await using var database = await TestDatabase.CreateAsync();
        for (var time = 0; time < 3; time++)
        {
            var projection = new PostgreSqlViewStore(database.Store, Serializer).Bind(new Sharded($"sharded_{time}"));

            // One attempt: what fails is seen.
            var runner = new ProjectionRunner(
                database.Store, Serializer, [projection], new ConsumerOptions { MaxAttempts = 1 }, new PostgreSqlConsumerStore(database.Store));
            await using var run = new RunUnderWay(runner.RunAsync);
            var last = (await database.Store.AppendAsync("count-1", ExpectedVersion.Any, [Serializer.Serialize(new Counted(1))], Cancellation)).Position;
            await runner.WaitForAsync(projection.Name, last, Cancellation).WaitAsync(Patience, Cancellation);
        }
    }

    private sealed class Sharded : ViewProjection<Counted>
    {
        public Sharded(string name)
            : base(name) => On<Counted>((view, counted, _) => new Counted((view?.By ?? 0) + counted.By));

        public override int Shards => 8;
    }
}
