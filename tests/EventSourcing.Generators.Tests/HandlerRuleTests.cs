using EventSourcing.Generators.CodeFixes;

namespace EventSourcing.Generators;

/// <summary>What is told of handlers: those that are missing, and those that nothing calls.</summary>
public sealed class HandlerRuleTests
{
    private const string Events = """
        public abstract record OrderEvent;
        [EventType("order-placed")] public sealed record OrderPlaced(string Id) : OrderEvent;
        [EventType("order-paid")] public sealed record OrderPaid(string Id) : OrderEvent;

        """;

    [Fact]
    public async Task An_event_that_is_raised_without_a_handler_is_told()
    {
        var code = new Code(Events + """
            public sealed partial class Order : Aggregate
            {
                public void Place() => Raise(new OrderPlaced("1"));
                public void Pay() { Raise(new OrderPaid("1")); }
                private void Apply(OrderPlaced placed) { }
            }
            """);

        (await code.ToldAsync()).Should().Equal("""ES0002 new OrderPaid("1")""");
    }

    [Theory]
    [InlineData("""Raise(late ? new OrderPaid("1") : new OrderPlaced("1"))""")]
    [InlineData("""Raise(late switch { true => new OrderPaid("1"), _ => new OrderPlaced("1") })""")]
    [InlineData("""Raise((object)(late ? throw new InvalidOperationException() : new OrderPaid("1")))""")]
    [InlineData("""base.Raise(Last ?? new OrderPaid("1"))""")]
    public async Task Whatever_an_expression_may_come_to_is_looked_at(string raise)
    {
        var code = new Code(Events + $$"""
            public sealed partial class Order : Aggregate
            {
                private OrderEvent? Last => null;
                public void Close(bool late) => {{raise}};
                private void Apply(OrderPlaced placed) { }
            }
            """);

        (await code.ToldAsync()).Should().Equal("""ES0002 new OrderPaid("1")""");
    }

    [Theory]
    [InlineData("private void Apply(OrderPlaced placed) { } private void Apply(OrderPaid paid) { }")]
    [InlineData("private void Apply(OrderEvent happened) { }")]
    [InlineData("protected override void Apply(object @event) { switch (@event) { case OrderPlaced placed: break; case OrderPaid: break; } }")]
    [InlineData("protected override void Apply(object @event) => n += @event switch { OrderPlaced { Id: var id } => 1, OrderPaid or null => 2, _ => 0 };")]
    [InlineData("protected override void Apply(object @event) { if (@event is OrderPlaced) { n++; } else if (@event as OrderPaid is not null) { n--; } }")]
    [InlineData("protected override void Apply(object @event) => last = ((OrderEvent)@event).ToString();")]
    [InlineData("protected override void Apply(object @event) => isPaid = @event is OrderPlaced;")]
    [InlineData("protected override void Apply(object @event) => isPaid = @event is OrderPlaced { Id: not null };")]
    [InlineData("protected override void Apply(object @event) { if (@event is OrderPlaced) { n++; } else { isPaid = true; } }")]
    [InlineData("protected override void Apply(object @event) { if (@event is OrderPlaced) { n++; return; } isPaid = true; }")]
    [InlineData("protected override void Apply(object @event) { switch (@event) { case OrderPlaced: n++; break; default: isPaid = true; break; } }")]
    [InlineData("protected override void Apply(object @event) => n = @event switch { OrderPlaced => 1, _ => n + 1 };")]
    [InlineData("protected override void Apply(object @event) => n = @event is OrderPlaced ? 1 : n + 1;")]
    [InlineData("protected override void Apply(object @event) => n++;")]
    [InlineData("protected override void Apply(object @event) { if (@event is OrderPlaced) { n++; } else { Other(@event); } }")]
    [InlineData("protected override void Apply(object @event) { if (@event is OrderPlaced) { n++; } else { dynamic other = @event; n = other.Count; } }")]
    public async Task What_is_handled_in_any_way_is_not_told_of(string handlers)
    {
        var code = new Code(Events + $$"""
            public sealed partial class Order : Aggregate
            {
                private int n; private string? last; public bool isPaid;
                public void Place() => Raise(new OrderPlaced("1"));
                public void Pay() => Raise(new OrderPaid("1" + n + last));
                private void Other(object @event) { }
                {{handlers}}
            }
            """);

        (await code.ToldAsync()).Should().BeEmpty();
    }

    [Theory]
    [InlineData("=> n += @event switch { OrderPlaced => 1, _ => throw new ArgumentOutOfRangeException(nameof(@event), @event, null) };")]
    [InlineData("=> n = @event switch { OrderPlaced => 1, _ => n };")]
    [InlineData("=> n += @event is OrderPlaced ? 1 : 0;")]
    [InlineData("{ switch (@event) { case OrderPlaced: n++; break; default: break; } }")]
    [InlineData("{ if (@event is OrderPlaced) { n++; } else if (@event is Exception) { n--; } else { throw new InvalidOperationException(); } }")]
    public async Task What_forgets_an_event_by_hand_is_told_also_where_it_throws(string apply)
    {
        var code = new Code(Events + $$"""
            public sealed class Order : Aggregate
            {
                private int n;
                public void Pay() => Raise(new OrderPaid("1" + n));
                protected override void Apply(object @event) {{apply}}
            }
            """);

        (await code.ToldAsync()).Should().Equal("""ES0002 new OrderPaid("1" + n)""");
    }

    [Fact]
    public async Task What_a_base_class_handles_is_handled()
    {
        var code = new Code(Events + """
            public abstract partial class Document : Aggregate
            {
                public void Archive() => Raise(new OrderPaid("1"));
                private void Apply(OrderPlaced placed) { }
            }
            public sealed partial class Order : Document
            {
                public void Place() => Raise(new OrderPlaced("1"));
                public void Pay() => Raise(new OrderPaid("1"));
                private void Apply(OrderPaid paid) { }
            }
            public abstract class Written : Aggregate { protected override void Apply(object @event) { if (@event is OrderPlaced) { } } }
            public sealed class Letter : Written { public void Pay() => Raise(new OrderPaid("1")); }
            """);

        (await code.ToldAsync()).Should().BeEmpty();
        code.Problems().Should().BeEmpty();
    }

    [Fact]
    public async Task The_fix_adds_the_handler()
    {
        var after = await Code.FixAsync(new HandlerFix(), """
            namespace Shop.Orders
            {
                [EventType("order-placed")] public sealed record OrderPlaced(string Id);
                [EventType("order-paid")] public sealed record OrderPaid(string Id);
            }

            namespace Shop
            {
                using Shop.Orders;

                public sealed partial class Order : Aggregate
                {
                    public void Pay() => Raise(new OrderPaid("1"));

                    private void Apply(OrderPlaced placed) { }
                }
            }
            """);

        after.Should().EndWith("""
                    private void Apply(OrderPlaced placed) { }

                    private void Apply(OrderPaid @event)
                    {
                    }
                }
            }
            """.ReplaceLineEndings("\n"));
        (await new Code(after).ToldAsync()).Should().BeEmpty();
        new Code(after).Problems().Should().BeEmpty();
    }

    [Fact]
    public async Task An_Evolve_that_has_no_When_for_one_of_its_events_is_told_and_fixed()
    {
        const string Before = Events + """
            public sealed partial record Order(bool IsPlaced)
            {
                public static partial Order Evolve(Order order, OrderEvent @event);

                private Order When(OrderPlaced placed) => this with { IsPlaced = true };
            }
            """;
        (await new Code(Before).ToldAsync()).Should().Equal("ES0002 Evolve");

        var after = await Code.FixAsync(new HandlerFix(), Before);

        after.Should().Contain("private static Order When(Order order, OrderPaid @event) => order;");
        (await new Code(after).ToldAsync()).Should().BeEmpty();
        new Code(after).Problems().Should().BeEmpty();
    }

    [Theory]
    [InlineData("Aggregate", "private void Apply(OrderPaid paid) { }")]
    [InlineData("Projection", "public Orders() : base(\"orders\") { } private void On(OrderPaid paid) { }")]
    public async Task Handlers_of_a_class_that_is_not_partial_are_told_and_the_fix_makes_it_so(string parent, string members)
    {
        var before = Events + $"public sealed class Orders : {parent} {{ {members} }}";
        (await new Code(before).ToldAsync()).Should().Equal("ES0005 Orders");

        var after = await Code.FixAsync(new PartialFix(), before);

        after.Should().Be(before.Replace("sealed class", "sealed partial class", StringComparison.Ordinal));
        (await new Code(after).ToldAsync()).Should().BeEmpty();
        new Code(after).Problems().Should().BeEmpty();
    }

    [Fact]
    public async Task A_class_without_modifiers_keeps_what_stands_above_it()
    {
        var after = await Code.FixAsync(new PartialFix(), Events + """
            // All orders.
            class Order : Aggregate { private void Apply(OrderPaid paid) { } }
            """);

        after.Should().EndWith("""
            // All orders.
            partial class Order : Aggregate { private void Apply(OrderPaid paid) { } }
            """.ReplaceLineEndings("\n"));
    }

    [Fact]
    public async Task Of_a_nested_class_the_one_around_it_is_to_be_partial_too()
    {
        const string Before = Events + """
            static class Shop
            {
                sealed partial class Order : Aggregate { private void Apply(OrderPaid paid) { } }
            }
            """;
        (await new Code(Before).ToldAsync()).Should().Equal("ES0005 Shop");

        (await Code.FixAsync(new PartialFix(), Before)).Should().Contain("static partial class Shop");
    }

    [Theory]
    [InlineData("Projection(\"orders\")", "private void On(OrderPaid paid, int n) { }")]
    [InlineData("Projection(\"orders\")", "private void On(OrderPaid paid, CancellationToken cancellationToken) { }")]
    [InlineData("Projection(\"orders\")", "private int On(OrderPaid paid) => 1;")]
    [InlineData("Projection(\"orders\")", "private void On(ref OrderPaid paid) { }")]
    [InlineData("Projection(\"orders\")", "private void On(OrderPaid paid, EventEnvelope one, EventEnvelope two) { }")]
    [InlineData("ViewProjection<string>(\"orders\")", "private int On(OrderPaid paid) => 1;")]
    [InlineData("ViewProjection<string>(\"orders\")", "private string On(OrderPaid paid, string view) => view;")]
    [InlineData("Reactor(\"orders\")", "private async void On(OrderPaid paid) => await Task.Yield();")]
    [InlineData("Reactor(\"orders\")", "private Task OnMessage(OrderPaid paid, EventEnvelope envelope) => Task.CompletedTask;")]
    [InlineData("MessageTranslator(\"orders\")", "private void On(OrderPaid paid) { }")]
    public async Task A_handler_that_cannot_be_called_is_told(string parent, string member)
    {
        var code = new Code(Events + $"public sealed partial class Orders() : {parent} {{ {member} }}");

        (await code.ToldAsync()).Should().Equal(member.Contains("OnMessage", StringComparison.Ordinal) ? "ES0006 OnMessage" : "ES0006 On");
        code.Problems().Should().BeEmpty();
    }

    [Fact]
    public async Task A_second_handler_of_an_event_is_told()
    {
        var code = new Code(Events + """
            public sealed partial class Orders() : Projection("orders")
            {
                private void On(OrderPaid paid) { }
                private void On(OrderPaid paid, EventEnvelope envelope) { }
            }
            public sealed partial record Order
            {
                public static partial Order Evolve(Order order, OrderPaid @event);
                private Order When(OrderPaid paid) => this;
                private static Order When(Order order, OrderPaid paid) => order;
                private Order When(OrderPlaced placed, int n) => this;
            }
            """);

        (await code.ToldAsync()).Should().Equal("ES0006 On", "ES0006 When", "ES0006 When");
        code.Problems().Should().BeEmpty();
    }

    [Fact]
    public async Task Methods_of_the_same_names_that_are_no_handlers_are_not_told_of()
    {
        var code = new Code(Events + """
            public sealed record Discount(decimal Percent);
            public sealed partial class Order : Aggregate
            {
                public bool Apply(Discount discount) => true;
                public void Apply(OrderPaid paid, string reason) { }
                private void Apply(OrderPlaced placed) { }
            }
            public sealed class Orders : Projection
            {
                public Orders() : base("orders") { On<OrderPaid>((paid, _) => On(paid)); this.On<OrderPlaced>((placed, _) => On(placed, 1)); }
                private void On(OrderPaid paid) { }
                private void On(OrderPlaced placed, int n) { }
            }
            public sealed partial class Wires() : Projection("wires")
            {
                private void On(OrderPaid paid) { }
                private bool On(object sender) => true;
                private void On(string name, int n) { }
            }
            public sealed class Switch { public void On(OrderPaid paid) { } public Switch When(OrderPaid paid) => this; public static void Evolve() { } }
            """);

        (await code.ToldAsync()).Should().BeEmpty();
        code.Problems().Should().BeEmpty();
    }

    [Fact]
    public void Who_declares_handlers_or_applies_by_hand_is_left_alone()
    {
        var code = new Code(Events + """
            public sealed partial class Order : Aggregate
            {
                private void Apply(OrderPaid paid) { }
                protected override void Apply(object @event) { }
            }
            public sealed partial class Orders() : Projection("orders")
            {
                private void On(OrderPaid paid) { }
                protected override void DeclareHandlers() => On<OrderPaid>((paid, _) => On(paid));
            }
            public sealed partial record State
            {
                public static partial State Evolve(State state, OrderEvent @event);
                public static partial State Evolve(State state, OrderEvent @event) => state.When((OrderPaid)@event);
                private State When(OrderPaid paid) => this;
            }
            """);

        code.Generated().Should().BeEmpty();
        code.Problems().Should().BeEmpty();
    }

    [Fact]
    public void A_projection_in_sql_is_declared_as_well()
    {
        var code = new Code(Events + """
            using EventSourcing.PostgreSql;
            public sealed partial class Orders(PostgreSqlEventStore store) : PostgreSqlProjection("orders", store)
            {
                private Task On(OrderPaid paid, ProjectionTransaction transaction) => transaction.ExecuteAsync("select @Id", paid);
                private static Task On(OrderPlaced placed) => Task.CompletedTask;
            }
            """.Replace("using EventSourcing.PostgreSql;", string.Empty, StringComparison.Ordinal)
                .Replace("PostgreSqlEventStore", "EventSourcing.PostgreSql.PostgreSqlEventStore", StringComparison.Ordinal)
                .Replace(": PostgreSqlProjection", ": EventSourcing.PostgreSql.PostgreSqlProjection", StringComparison.Ordinal)
                .Replace("ProjectionTransaction ", "EventSourcing.PostgreSql.ProjectionTransaction ", StringComparison.Ordinal));

        code.Generated().Should().ContainSingle().Which.Value.Should().Contain("On(@event, transaction)").And.Contain("On(@event));");
        code.Problems().Should().BeEmpty();
    }
}
