using System.Text;

namespace EventSourcing.PostgreSql;

/// <summary>What is particular to the outbox as a table.</summary>
public sealed class OutboxTests(TestDatabase database) : IClassFixture<TestDatabase>
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private PostgreSqlOutbox Outbox => new(database.Store);

    [Fact]
    public async Task Messages_are_written_durably_and_steps_without_any_need_not_wait()
    {
        await database.ExecuteAsync("""
            create table {schema}.seen (setting text);
            create function {schema}.see() returns trigger language plpgsql as
              $$ begin insert into {schema}.seen values (current_setting('synchronous_commit')); return null; end $$;
            create trigger see after update on {schema}.consumers for each statement execute function {schema}.see();
            """);
        var lease = await TakeAsync("durable");

        await Outbox.WriteAsync(lease, Page(0, 1), [], Cancellation);
        await Outbox.WriteAsync(lease, Page(1, 2), [Message(1)], Cancellation);
        await Outbox.WriteAsync(lease, Page(2, 3), [], Cancellation);
        await database.ExecuteAsync("drop trigger see on {schema}.consumers");

        (await database.ScalarAsync<string[]>("select array_agg(setting) from {schema}.seen")).Should().Equal("off", "on", "off");
        await Outbox.RemoveAsync(lease, (await Outbox.ReadAsync(lease, 10, Cancellation)).Select(one => one.Number).ToArray(), Cancellation);
    }

    [Fact]
    public async Task A_batch_is_bounded_by_its_bytes_and_holds_one_message_at_least()
    {
        const int Large = 3 * 1024 * 1024;
        var lease = await TakeAsync("bounded");
        await Outbox.WriteAsync(lease, Page(0, 1), [Message(10), Message(2 * Large), Message(Large), Message(20), Message(Large)], Cancellation);

        var sizes = new List<int[]>();
        while (await Outbox.ReadAsync(lease, 3, Cancellation) is { Count: > 0 } batch)
        {
            sizes.Add([.. batch.Select(one => one.Message.Body.Length)]);
            await Outbox.RemoveAsync(lease, [.. batch.Select(one => one.Number)], Cancellation);
        }

        sizes.Should().BeEquivalentTo<int[]>([[10], [2 * Large], [Large, 20], [Large]], options => options.WithStrictOrdering());
    }

    private static EventPage Page(long from, long to) => new(new LogPosition(from), [], new LogPosition(to));

    private static PublicMessage Message(int bytes) => new()
    {
        Id = Guid.CreateVersion7(),
        Topic = "shop.order.placed",
        Type = "order-placed.v1",
        Body = Encoding.UTF8.GetBytes(bytes == 1 ? "1" : $"\"{new string('x', bytes - 2)}\""),
        OccurredAt = DateTimeOffset.UtcNow,
    };

    private async Task<ConsumerLease> TakeAsync(string name)
    {
        var key = new ConsumerKey(name, 1, StreamShard.All);
        var row = new ConsumerRow { Key = key, Version = 1, Epoch = 1, Owner = Guid.NewGuid() };
        await new PostgreSqlConsumerStore(database.Store)
            .ChangeAsync(_ => new ConsumerBoardChange { Added = [row], LeaseTime = TimeSpan.FromMinutes(1) }, Cancellation);
        return new ConsumerLease(key, ConsumerRole.Serving, row.Epoch);
    }
}
