using Xunit;

namespace EventSourcing.Conformance;

/// <summary>Projections that appends apply in their own transactions.</summary>
public abstract class InlineSuite : ConsumerSuite
{
    [Fact]
    public async Task What_is_appended_shows_at_once()
    {
        var orders = new Orders();
        var customers = new Customers();
        var runner = Runner(Inline(orders), Inline(customers));
        using var stop = new CancellationTokenSource();
        var running = runner.RunAsync(stop.Token);
        await InlineAsync(runner, "orders", "customers");

        await PlaceAsync(1, 10);
        Assert.Equal(10, (await Views.Open(orders).FindAsync("order-1", Cancellation))!.Total);
        await WriteAsync("order-1", new OrderPaid(3), new OrderPaid(4));
        Assert.Equal(new OrderView("ada", 10, 7, 3), await Views.Open(orders).FindAsync("order-1", Cancellation));
        await WriteAsync("order-1", new OrderForgotten());
        Assert.Null(await Views.Open(orders).FindAsync("order-1", Cancellation));
        await PlaceAsync(2, 20);
        Assert.Equal(new CustomerView("ada", 2, 30, 0), await Views.Open(customers).FindAsync("ada", Cancellation));

        await runner.WaitForAsync("orders", new LogPosition(await HeadAsync()), Cancellation).WaitAsync(Patience, Cancellation);
        var status = await StatusAsync(runner, "orders");
        Assert.Equal((ConsumerState.Live, 0), (status.State, status.Lag));
        await EndAsync(stop, running);
    }

    [Fact]
    public async Task An_append_of_several_streams_is_applied_whole()
    {
        var orders = new Orders();
        var customers = new Customers();
        await BeginAsync(Inline(orders), Inline(customers));

        await AppendAsync(
            new StreamAppend("order-1", ExpectedVersion.NoStream, [Serializer.Serialize(new OrderPlaced("ada", 1)), Serializer.Serialize(new OrderPaid(1))]),
            new StreamAppend("order-2", ExpectedVersion.NoStream, [Serializer.Serialize(new OrderPlaced("ada", 2))]),
            new StreamAppend("order-3", ExpectedVersion.NoStream, []));

        Assert.Equal(2, (await AllAsync(orders)).Count);
        Assert.Equal(new CustomerView("ada", 2, 3, 0), (await AllAsync(customers))["ada"]);
    }

    [Fact]
    public async Task A_handler_that_fails_refuses_the_append()
    {
        var isBroken = false;
        var orders = new Orders(before: _ =>
        {
            if (isBroken)
            {
                throw new NotSupportedException("poison");
            }
        });
        await BeginAsync(Inline(orders));
        await PlaceAsync(1, 10);
        isBroken = true;

        await RefusesAsync<EventHandlingException>(() => WriteAsync("order-1", new OrderPaid(1)));
        await RefusesAsync<EventHandlingException>(() => PlaceAsync(2));
        Assert.Empty(await ReadAsync("order-2"));
        Assert.Equal(0, (await AllAsync(orders))["order-1"].Paid);

        isBroken = false;
        await WriteAsync("order-1", new OrderPaid(2));
        Assert.Equal(2, (await AllAsync(orders))["order-1"].Paid);
    }

    [Fact]
    public async Task A_conflict_and_a_retry_change_nothing()
    {
        var orders = new Orders();
        await BeginAsync(Inline(orders));
        await PlaceAsync(1, 10);
        var paid = Serializer.Serialize(new OrderPaid(5));

        await AppendAsync("order-1", ExpectedVersion.At(1), paid);
        Assert.True((await AppendAsync("order-1", ExpectedVersion.At(1), paid)).AlreadyStored);
        await Assert.ThrowsAsync<ConcurrencyConflictException>(() => AppendAsync("order-1", ExpectedVersion.At(1), Serializer.Serialize(new OrderPaid(7))));

        Assert.Equal(5, (await AllAsync(orders))["order-1"].Paid);
    }

    [Fact]
    public async Task What_was_there_before_is_caught_up_with_while_others_append()
    {
        const int Writers = 4;
        const int Each = 60;
        for (var i = 0; i < 30; i++)
        {
            await PlaceAsync(i, 1, "before");
        }

        var orders = new Orders();
        var customers = new Customers();
        var projections = new[] { Inline(orders), (IProjection)Inline(customers) };
        using var stop = new CancellationTokenSource();
        var runner = Runner(projections);
        var writing = Enumerable.Range(1, Writers).Select(writer => Task.Run(
            async () =>
            {
                for (var i = 0; i < Each; i++)
                {
                    await PlaceAsync((writer * 1_000) + i, 1, $"customer-{i % 3}");
                    await Task.Delay(Random.Shared.Next(10), Cancellation);
                }
            },
            Cancellation)).ToArray();
        await Task.Delay(100, Cancellation);
        var running = runner.RunAsync(stop.Token);
        await Task.WhenAll(writing).WaitAsync(Patience, Cancellation);
        await InlineAsync(runner, "orders", "customers");

        Assert.Equal(30 + (Writers * Each), (await AllAsync(orders)).Count);
        var all = await AllAsync(customers);
        Assert.Equal(30, all["before"].Orders);
        Assert.Equal(Writers * Each / 3, all["customer-1"].Orders);
        Assert.Equal(Writers * Each / 3, all["customer-2"].Orders);
        await EndAsync(stop, running);
    }

    [Fact]
    public async Task A_new_version_takes_its_place_and_an_explicit_rebuild_too()
    {
        var first = new Orders();
        await BeginAsync(Inline(first));
        await PlaceAsync(1, 10);

        var second = new Orders(version: 2, factor: 2);
        var runner = Runner(Inline(second));
        using var stop = new CancellationTokenSource();
        var running = runner.RunAsync(stop.Token);
        await UntilAsync(async () => (await Consumers.ReadAsync(cancellationToken: Cancellation)).Rows is [{ IsInline: true, Version: 2 }]);
        await PlaceAsync(2, 10);
        Assert.All(await AllAsync(second), order => Assert.Equal(20, order.Value.Total));
        Assert.Equal(2, (await AllAsync(second)).Count);

        await runner.RebuildAsync("orders", Cancellation);
        await UntilAsync(async () => (await Consumers.ReadAsync(cancellationToken: Cancellation)).Rows is [{ IsInline: true, Key.Generation: 3 }]);
        await PlaceAsync(3, 10);
        Assert.Equal(3, (await AllAsync(second)).Count);
        await EndAsync(stop, running);
    }

    [Fact]
    public async Task One_that_is_not_inline_any_more_goes_on_where_appends_have_left_it()
    {
        var orders = new Orders();
        await BeginAsync(Inline(orders));
        await PlaceAsync(1, 10);
        await WriteAsync("order-1", new OrderPaid(1));

        var runner = Runner(Bound(orders));
        using var stop = new CancellationTokenSource();
        var running = runner.RunAsync(stop.Token);
        await UntilAsync(async () => (await Consumers.ReadAsync(cancellationToken: Cancellation)).Rows is [{ IsInline: false }]);
        var last = await WriteAsync("order-1", new OrderPaid(2));
        await runner.WaitForAsync("orders", last, Cancellation).WaitAsync(Patience, Cancellation);

        Assert.Equal(3, (await AllAsync(orders))["order-1"].Paid);
        await EndAsync(stop, running);
    }

    [Fact]
    public async Task A_paused_one_is_not_applied_by_appends_until_it_is_resumed()
    {
        var orders = new Orders();
        var projection = Inline(orders);
        await BeginAsync(projection);
        await PlaceAsync(1, 10);
        var runner = Runner(projection);
        using var stop = new CancellationTokenSource();
        var running = runner.RunAsync(stop.Token);

        await runner.PauseAsync("orders", Cancellation).WaitAsync(Patience, Cancellation);
        await PlaceAsync(2, 10);
        Assert.Single(await AllAsync(orders));
        Assert.Equal(ConsumerState.Paused, (await StatusAsync(runner, "orders")).State);

        await runner.ResumeAsync("orders", Cancellation).WaitAsync(Patience, Cancellation);
        await InlineAsync(runner, "orders");
        Assert.Equal(2, (await AllAsync(orders)).Count);
        await EndAsync(stop, running);
    }

    [Fact]
    public async Task While_another_version_is_about_it_stays_as_it_is()
    {
        using var stop = new CancellationTokenSource();
        var old = Runner(Views.BindInline(new Orders()));
        var running = old.RunAsync(stop.Token);
        await InlineAsync(old, "orders");
        var changed = new Orders(version: 2, factor: 2);
        using var stopNew = new CancellationTokenSource();
        var runningNew = Runner(Inline(changed)).RunAsync(stopNew.Token);
        await UntilAsync(async () => (await Consumers.ReadAsync(cancellationToken: Cancellation)).Rows is [{ Version: 2 }]);
        await Task.Delay(500, Cancellation);

        var before = Assert.Single((await Consumers.ReadAsync(cancellationToken: Cancellation)).Rows).Epoch;
        for (var i = 0; i < 20; i++)
        {
            await PlaceAsync(i, 1);
            await Task.Delay(50, Cancellation);
        }

        Assert.InRange(Assert.Single((await Consumers.ReadAsync(cancellationToken: Cancellation)).Rows).Epoch, before, before + 2);
        await EndAsync(stop, running);
        await PlaceAsync(20, 1);
        await UntilAsync(async () =>
        {
            await WriteAsync("order-20", new OrderPaid(1));
            return (await Consumers.ReadAsync(cancellationToken: Cancellation)).Rows is [{ Version: 2, IsInline: true }];
        });
        Assert.Equal(21, (await AllAsync(changed)).Count);
        await EndAsync(stopNew, runningNew);
    }

    private protected IInlineProjection Inline<TView>(ViewProjection<TView> projection)
        where TView : class
    {
        var inline = Views.BindInline(projection);
        Register(inline);
        return inline;
    }

    /// <summary>Has the test's store apply a projection, where binding alone does not.</summary>
    protected virtual void Register(IInlineProjection projection)
    {
    }

    /// <summary>Runs projections until appends apply them.</summary>
    private async Task BeginAsync(params IProjection[] projections)
    {
        var runner = Runner(projections);
        using var stop = new CancellationTokenSource();
        var running = runner.RunAsync(stop.Token);
        await InlineAsync(runner, [.. projections.Select(projection => projection.Name)]);
        await EndAsync(stop, running);
    }

    private Task InlineAsync(ProjectionRunner runner, params string[] names) => UntilAsync(async () =>
    {
        Assert.DoesNotContain(await runner.GetStatusAsync(Cancellation), status => status.State == ConsumerState.Failed);
        var rows = (await Consumers.ReadAsync(cancellationToken: Cancellation)).Rows;
        return names.All(name => rows.Any(row => row.Key.Consumer == name && row.IsInline));
    });
}
