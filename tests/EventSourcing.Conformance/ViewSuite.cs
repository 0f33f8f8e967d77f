using Xunit;

namespace EventSourcing.Conformance;

/// <summary>Views by key: folded page by page, found by key, deleted, looked back at.</summary>
public abstract class ViewSuite : ConsumerSuite
{
    [Fact]
    public async Task A_view_of_a_stream_is_folded_over_pages_and_runs()
    {
        await WriteAsync("order-1", new OrderPlaced("ada", 10), new OrderPaid(1), new OrderPaid(2));
        await WriteAsync("order-2", new OrderPlaced("bob", 20), new OrderPaid(3), new OrderPaid(4));
        var orders = new Orders();
        await Runner(Bound(orders)).CatchUpAsync(Cancellation);
        await WriteAsync("order-1", new OrderPaid(5));
        await Runner(Bound(orders)).CatchUpAsync(Cancellation);

        var all = await AllAsync(orders);

        Assert.Equal(2, all.Count);
        Assert.Equal(new OrderView("ada", 10, 8, 4), all["order-1"]);
        Assert.Equal(new OrderView("bob", 20, 7, 3), all["order-2"]);
        Assert.Equal(all["order-2"], await Views.Open(orders).FindAsync("order-2", Cancellation));
        Assert.Null(await Views.Open(orders).FindAsync("order-3", Cancellation));
    }

    [Fact]
    public async Task A_view_that_becomes_null_is_gone_and_may_come_back()
    {
        await WriteAsync("order-1", new OrderPlaced("ada", 10), new OrderForgotten(), new OrderPaid(2));
        var orders = new Orders();
        var runner = Runner(Bound(orders));
        await runner.CatchUpAsync(Cancellation);
        Assert.Empty(await AllAsync(orders));

        await WriteAsync("order-1", new OrderPlaced("bob", 20));
        await runner.CatchUpAsync(Cancellation);
        Assert.Equal("bob", (await AllAsync(orders))["order-1"].Customer);

        await WriteAsync("order-1", new OrderForgotten());
        await runner.CatchUpAsync(Cancellation);
        Assert.Null(await Views.Open(orders).FindAsync("order-1", Cancellation));
    }

    [Fact]
    public async Task All_views_are_read_in_the_order_of_their_keys_the_empty_one_first()
    {
        // By code points: the last comes last although its first unit, a surrogate, is less than U+FB01.
        string[] keys = ["", "A", "a", "e\u0301", "\u00e9", "\ufb01", "\U0001f389"];
        await WriteAsync("greeting-1", new CustomersGreeted([.. keys.Reverse()]));
        var customers = new Customers();
        await Runner(Bound(customers)).CatchUpAsync(Cancellation);

        Assert.Equal(keys, await Views.Open(customers).ReadAllAsync(Cancellation).Select(view => view.Key).ToListAsync(Cancellation));
        Assert.NotNull(await Views.Open(customers).FindAsync(string.Empty, Cancellation));
    }

    [Fact]
    public async Task Keys_that_cannot_be_kept_are_their_event_s_fault_and_are_not_looked_for()
    {
        string[] unfit = ["zero\0", "\0", "lone\ud800"];
        await WriteAsync("greeting-1", new CustomersGreeted(["ada"]));
        var customers = new Customers();
        var runner = Runner(Quick with { OnPoison = PoisonAction.Park }, Bound(customers));
        foreach (var key in unfit.Except(["lone\ud800"]))
        {
            await WriteAsync("greeting-1", new CustomersGreeted(["bob", key]));
        }

        await AppendAsync("greeting-1", ExpectedVersion.Any, NewEvent("customers-greeted", """{"customers":[null]}"""));
        await runner.CatchUpAsync(Cancellation);

        Assert.Equal(["ada"], (await AllAsync(customers)).Keys);
        var letters = await runner.ListDeadLettersAsync("customers", Cancellation);
        Assert.Equal([2L, 3L, 4L], letters.Select(letter => letter.Position.Value));
        Assert.All(letters.Take(2), letter => Assert.Contains("The key of a view", letter.Error, StringComparison.Ordinal));
        foreach (var key in unfit)
        {
            await Assert.ThrowsAnyAsync<ArgumentException>(() => Views.Open(customers).FindAsync(key, Cancellation));
            await Assert.ThrowsAnyAsync<ArgumentException>(() => runner.RebuildAsync("customers", key, Cancellation));
            await Assert.ThrowsAnyAsync<ArgumentException>(() => Letters.ListAsync(key, Cancellation));
            await Assert.ThrowsAnyAsync<ArgumentException>(() => Letters.RemoveAsync(key, LogPosition.Start, Cancellation));
            await Assert.ThrowsAnyAsync<ArgumentException>(() => Consumers.ReadAsync(key, Cancellation));
        }
    }

    [Fact]
    public async Task An_event_chooses_its_keys_one_several_or_none()
    {
        await PlaceAsync(1, 10, "ada");
        await PlaceAsync(2, 20, "bob");
        await PlaceAsync(3, 30, "ada");
        await PlaceAsync(4, 40, string.Empty);
        await WriteAsync("greeting-1", new CustomersGreeted(["ada", "bob", "ada", "cleo"]));
        var customers = new Customers();

        await Runner(Bound(customers)).CatchUpAsync(Cancellation);

        var all = await AllAsync(customers);
        Assert.Equal(["ada", "bob", "cleo"], all.Keys);
        Assert.Equal(new CustomerView("ada", 2, 40, 1), all["ada"]);
        Assert.Equal(new CustomerView("bob", 1, 20, 1), all["bob"]);
        Assert.Equal(new CustomerView("cleo", 0, 0, 1), all["cleo"]);
    }

    [Fact]
    public async Task Several_projections_see_the_same_events_each_at_its_own_pace()
    {
        var orders = new Orders();
        var customers = new Customers();
        var runner = Runner(Bound(orders), Bound(customers), Bound(new Orders("orders-again")));
        using var stop = new CancellationTokenSource();
        var running = runner.RunAsync(stop.Token);
        var last = LogPosition.Start;
        for (var i = 1; i <= 30; i++)
        {
            last = await PlaceAsync(i, i);
        }

        foreach (var name in new[] { "orders", "customers", "orders-again" })
        {
            await runner.WaitForAsync(name, last, Cancellation).WaitAsync(Patience, Cancellation);
        }

        Assert.Equal(30, (await AllAsync(orders)).Count);
        Assert.Equal(new CustomerView("ada", 30, 465, 0), (await AllAsync(customers))["ada"]);
        await EndAsync(stop, running);
    }

    [Fact]
    public async Task A_projection_in_shards_shows_the_same()
    {
        for (var i = 1; i <= 50; i++)
        {
            await WriteAsync($"order-{i}", new OrderPlaced("ada", i), new OrderPaid(1));
        }

        var orders = new Orders(shards: 4);
        var runner = Runner(Bound(orders));
        await runner.CatchUpAsync(Cancellation);

        var all = await AllAsync(orders);
        Assert.Equal(50, all.Count);
        Assert.All(all, order => Assert.Equal(new OrderView("ada", order.Value.Total, 1, 2), order.Value));
        Assert.Equal(new LogPosition(await HeadAsync()), (await StatusAsync(runner, "orders")).Position);
    }

    [Fact]
    public async Task Ten_thousand_views_and_more_are_kept_beyond_what_is_at_hand()
    {
        const int Streams = 12_000;
        for (var i = 0; i < Streams; i += 500)
        {
            await Task.WhenAll(Enumerable.Range(i, 500).Select(order => PlaceAsync(order, order)));
        }

        for (var i = 0; i < Streams; i += 1_000)
        {
            await WriteAsync($"order-{i}", new OrderPaid(1));
        }

        var orders = new Orders();
        await Runner(Quick with { PageSize = 1_000 }, Bound(orders)).CatchUpAsync(Cancellation);

        var all = await AllAsync(orders);
        Assert.Equal(Streams, all.Count);
        Assert.Equal(12, all.Values.Count(order => order.Paid == 1));
        Assert.All(all, order => Assert.Equal(order.Key, $"order-{order.Value.Total}"));
    }

    [Fact]
    public async Task A_live_view_is_folded_at_any_version_position_or_time()
    {
        await WriteAsync("order-1", new OrderPlaced("ada", 10));
        var second = await WriteAsync("order-1", new OrderPaid(1));
        var time = (await ReadAsync("order-1"))[^1].RecordedAt;
        await Task.Delay(5, Cancellation);
        await WriteAsync("order-1", new OrderPaid(2));
        await PlaceAsync(2, 5);
        var live = new LiveViews(Store, Serializer);
        var orders = new Orders();

        Assert.Equal(3, (await live.FoldAsync(orders, "order-1", cancellationToken: Cancellation))!.Paid);
        Assert.Equal(0, (await live.FoldAsync(orders, "order-1", PointInLog.At(new StreamVersion(1)), Cancellation))!.Paid);
        Assert.Equal(1, (await live.FoldAsync(orders, "order-1", PointInLog.At(second), Cancellation))!.Paid);
        Assert.Equal(1, (await live.FoldAsync(orders, "order-1", PointInLog.At(time), Cancellation))!.Paid);
        Assert.Null(await live.FoldAsync(orders, "order-9", cancellationToken: Cancellation));
        Assert.Equal(15, (await live.FoldAsync(new Customers(), "ada", cancellationToken: Cancellation))!.Total);
        Assert.Equal(10, (await live.FoldAsync(new Customers(), "ada", PointInLog.At(second), Cancellation))!.Total);
        await Assert.ThrowsAsync<ArgumentException>(() => live.FoldAsync(new Customers(), "ada", PointInLog.At(new StreamVersion(1)), Cancellation));
    }

    [Fact]
    public async Task One_view_is_rebuilt_from_the_log_and_goes_on()
    {
        await WriteAsync("order-1", new OrderPlaced("ada", 10), new OrderPaid(1));
        await PlaceAsync(2, 20);
        var wrong = true;
        var orders = new Orders(before: envelope =>
        {
            if (wrong && envelope.Event is OrderPaid)
            {
                throw new InvalidOperationException("a bug");
            }
        });
        var parking = Quick with { OnPoison = PoisonAction.Park };
        var runner = Runner(parking, Bound(orders));
        using var stop = new CancellationTokenSource();
        var running = runner.RunAsync(stop.Token);
        await runner.WaitForAsync("orders", new LogPosition(await HeadAsync()), Cancellation).WaitAsync(Patience, Cancellation);
        Assert.Equal(0, (await AllAsync(orders))["order-1"].Paid);

        wrong = false;
        await runner.RebuildAsync("orders", "order-1", Cancellation);

        Assert.Equal(1, (await AllAsync(orders))["order-1"].Paid);
        var last = await WriteAsync("order-1", new OrderPaid(2));
        await runner.WaitForAsync("orders", last, Cancellation).WaitAsync(Patience, Cancellation);
        Assert.Equal(3, (await AllAsync(orders))["order-1"].Paid);
        Assert.Equal(20, (await AllAsync(orders))["order-2"].Total);
        await EndAsync(stop, running);
    }

    [Fact]
    public async Task Keys_and_views_may_hold_any_text()
    {
        var name = "Ä \"'; drop table views; -- \U0001F600 " + new string('x', 3_000);
        await PlaceAsync(1, 10, name);
        var customers = new Customers();

        await Runner(Bound(customers)).CatchUpAsync(Cancellation);

        Assert.Equal(name, (await Views.Open(customers).FindAsync(name, Cancellation))!.Name);
    }

    [Fact]
    public void Mistakes_in_a_projection_are_told_at_once()
    {
        Assert.Throws<ArgumentException>(() => Bound(new DividedCustomers()));
        Assert.Throws<ArgumentOutOfRangeException>(() => new Orders(version: 0));
        Assert.ThrowsAny<ArgumentException>(() => new Orders(name: string.Empty));
        Assert.Throws<InvalidOperationException>(() => new Twice());
        Assert.Throws<ArgumentOutOfRangeException>(() => Bound(new Orders(shards: 1_025)));
        Assert.Throws<ArgumentException>(() => new ProjectionRunner(Store, Serializer, [Bound(new Orders())]));
    }

    private sealed class DividedCustomers : ViewProjection<CustomerView>
    {
        public DividedCustomers()
            : base("divided") => On<OrderPlaced>((placed, _) => placed.Customer, (customer, _, _) => customer);

        public override int Shards => 2;
    }

    private sealed class Twice : ViewProjection<CustomerView>
    {
        public Twice()
            : base("twice")
        {
            On<OrderPlaced>((view, _, _) => view);
            On<OrderPlaced>((view, _, _) => view);
        }
    }
}
