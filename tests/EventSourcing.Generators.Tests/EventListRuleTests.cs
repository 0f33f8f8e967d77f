using EventSourcing.Generators.CodeFixes;

namespace EventSourcing.Generators;

/// <summary>What is told of lists of events, and what is generated for them.</summary>
public sealed class EventListRuleTests
{
    private const string Events = """
        [EventType("order-placed")] public sealed record OrderPlaced(string Id);
        [EventType("order-paid")] public sealed record OrderPaid(string Id);
        """;

    [Fact]
    public async Task A_complete_list_is_not_told_of()
    {
        var code = new Code(Events + "public sealed partial class ShopEvents : IEventTypes;");

        (await code.ToldAsync()).Should().BeEmpty();
        code.Problems().Should().BeEmpty();
    }

    [Fact]
    public void An_event_that_nobody_should_raise_any_more_is_still_read()
    {
        var code = new Code("""
            [Obsolete] [EventType("order-placed")] public sealed record OrderPlaced(string Id);
            public sealed partial class ShopEvents : IEventTypes;
            public sealed partial class Order : Aggregate
            {
            #pragma warning disable CS0612
                private void Apply(OrderPlaced placed) { }
            #pragma warning restore CS0612
            }
            """);

        code.Generated().Should().HaveCount(2);
        code.Problems().Should().BeEmpty();
    }

    [Fact]
    public async Task A_list_that_is_not_partial_is_told()
    {
        var code = new Code(Events + "public sealed class ShopEvents : IEventTypes;");

        (await code.ToldAsync()).Should().Equal("ES0005 ShopEvents");
    }

    [Fact]
    public void A_list_that_was_written_by_hand_is_left_alone()
    {
        var code = new Code(Events + "public sealed partial class ShopEvents : IEventTypes { public static void AddTo(EventTypeRegistry registry) => registry.Add<OrderPaid>(); }");

        code.Generated().Should().BeEmpty();
        code.Problems().Should().BeEmpty();
    }

    [Fact]
    public void A_list_in_several_parts_is_filled_in_once()
    {
        var code = new Code(Events + "public sealed partial class ShopEvents : EventSourcing.IEventTypes; partial class ShopEvents : IEventTypes;");

        code.Generated().Should().ContainSingle().Which.Key.Should().Be("ShopEvents.Events.g.cs");
        code.Problems().Should().BeEmpty();
    }

    [Fact]
    public async Task Events_that_the_json_context_does_not_list_are_told()
    {
        // The framework's own generator does not run here; what it makes is no matter for the rule.
        var code = new Code(Context("[System.Text.Json.Serialization.JsonSerializable(typeof(OrderPaid))]"));

        (await code.ToldAsync()).Should().Equal("ES0007 ShopEvents");
        (await code.DiagnosticsAsync())[0].GetMessage(null).Should().Contain("'OrderPlaced'").And.NotContain("'OrderPaid'");
    }

    [Fact]
    public async Task The_fix_lists_them()
    {
        var after = await Code.FixAsync(new ContextFix(), """
            using System.Text.Json.Serialization;

            namespace Shop;

            [EventType("order-placed")] public sealed record OrderPlaced(string Id);
            [EventType("order-paid")] public sealed record OrderPaid(string Id);
            [EventType("order-sent")] public sealed record OrderSent(string Id);

            /// <summary>All events.</summary>
            [JsonSerializable(typeof(OrderPaid))]
            public sealed partial class ShopEvents : JsonSerializerContext, IEventTypes;
            """);

        after.Should().EndWith("""
            /// <summary>All events.</summary>
            [JsonSerializable(typeof(OrderPaid))]
            [JsonSerializable(typeof(OrderPlaced))]
            [JsonSerializable(typeof(OrderSent))]
            public sealed partial class ShopEvents : JsonSerializerContext, IEventTypes;
            """.ReplaceLineEndings("\n"));
    }

    [Fact]
    public async Task The_fix_begins_a_list()
    {
        var after = await Code.FixAsync(new ContextFix(), """
            using System.Text.Json.Serialization;

            [EventType("order-paid")] public sealed record OrderPaid(string Id);

            // All events.
            public sealed partial class ShopEvents : JsonSerializerContext, IEventTypes;
            """);

        after.Should().EndWith("""
            // All events.
            [JsonSerializable(typeof(OrderPaid))]
            public sealed partial class ShopEvents : JsonSerializerContext, IEventTypes;
            """.ReplaceLineEndings("\n"));
    }

    [Fact]
    public async Task Events_that_generated_code_cannot_name_are_told()
    {
        var code = new Code("""
            public static class Order
            {
                [EventType("order-placed")] private sealed record Placed(string Id);
                [EventType("order-paid")] internal sealed record Paid(string Id);
            }
            [EventType("order-sent")] public sealed record Sent<T>(T Id);
            [EventType("order-lost")] file sealed record Lost;
            public sealed partial class ShopEvents : IEventTypes;
            """);

        (await code.ToldAsync()).Should().Equal("ES0008 Placed", "ES0008 Sent", "ES0008 Lost");
        code.Generated()["ShopEvents.Events.g.cs"].Should().Contain("Order.Paid").And.NotContain("Placed").And.NotContain("Sent").And.NotContain("Lost");
    }

    [Fact]
    public async Task Who_lists_nothing_is_told_nothing()
    {
        var code = new Code("""
            public static class Order { [EventType("order-placed")] private sealed record Placed(string Id); }
            """);

        (await code.ToldAsync()).Should().BeEmpty();
    }

    private static string Context(string attributes) =>
        $"{Events}\n{attributes} public sealed partial class ShopEvents() : System.Text.Json.Serialization.JsonSerializerContext(null), IEventTypes;";
}
