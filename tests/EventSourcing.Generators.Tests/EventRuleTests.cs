using EventSourcing.Generators.CodeFixes;

namespace EventSourcing.Generators;

/// <summary>What is told of event classes.</summary>
public sealed class EventRuleTests
{
    [Fact]
    public async Task A_public_setter_is_told()
    {
        var code = new Code("""
            [EventType("order-placed")]
            public sealed record OrderPlaced(string Id)
            {
                public decimal Total { get; set; }
                public string? Note { get; init; }
                public int Count { get; private set; }
                internal int Lines { get; set; }
                public static int All { get; set; }
            }
            """);

        (await code.ToldAsync()).Should().Equal("ES0001 Total");
    }

    [Fact]
    public async Task A_setter_of_a_base_is_told_of_the_event()
    {
        var code = new Code("""
            public abstract class OrderEvent { public string? Order { get; set; } }
            [EventType("order-placed")] public sealed class OrderPlaced : OrderEvent;
            """);

        (await code.ToldAsync()).Should().Equal("ES0001 OrderPlaced");
    }

    [Fact]
    public async Task A_record_struct_has_setters_unless_it_is_readonly()
    {
        var code = new Code("""
            [EventType("order-placed")] public record struct OrderPlaced(string Id);
            [EventType("order-paid")] public readonly record struct OrderPaid(string Id);
            """);

        (await code.ToldAsync()).Should().Equal("ES0001 Id");
    }

    [Fact]
    public async Task What_is_no_event_may_be_set()
    {
        var code = new Code("public sealed class Order { public decimal Total { get; set; } }");

        (await code.ToldAsync()).Should().BeEmpty();
    }

    [Theory]
    [InlineData(
        """
        [EventType("order-placed")]
        public sealed record OrderPlaced
        {
            /// <summary>In pounds.</summary>
            public required decimal Total { get; set; } = 1;
        }
        """,
        """
        [EventType("order-placed")]
        public sealed record OrderPlaced
        {
            /// <summary>In pounds.</summary>
            public required decimal Total { get; init; } = 1;
        }
        """)]
    [InlineData(
        """
        [EventType("order-placed")] public record struct OrderPlaced(string Id);
        """,
        """
        [EventType("order-placed")] public readonly record struct OrderPlaced(string Id);
        """)]
    [InlineData(
        """
        [EventType("order-placed")]
        record struct OrderPlaced(string Id);
        """,
        """
        [EventType("order-placed")]
        readonly record struct OrderPlaced(string Id);
        """)]
    public async Task The_fix_makes_it_init_or_readonly(string before, string after) =>
        (await Code.FixAsync(new InitOnlyFix(), before)).Should().Be(after.ReplaceLineEndings("\n"));

    [Fact]
    public async Task Two_events_of_one_name_are_both_told()
    {
        var code = new Code("""
            namespace Old { [EventType("order-placed")] public sealed record OrderPlaced(string Id); }
            namespace New { [EventType("order-placed")] public sealed record Placed(string Id); }
            """);

        (await code.ToldAsync()).Should().Equal("ES0004 OrderPlaced", "ES0004 Placed");
        (await code.DiagnosticsAsync())[0].GetMessage(null).Should().Contain("'order-placed'").And.Contain("New.Placed").And.Contain("Old.OrderPlaced");
    }

    [Fact]
    public async Task The_version_is_part_of_the_name()
    {
        var code = new Code("""
            [EventType("order-placed")] public sealed record OrderPlaced(string Id);
            [EventType("order-placed", Version = 2)] public sealed record OrderPlaced2(string Id);
            [EventType("order-placed@2")] public sealed record OrderPlacedAgain(string Id);
            """);

        (await code.ToldAsync()).Should().Equal("ES0004 OrderPlaced2", "ES0004 OrderPlacedAgain");
    }

    [Fact]
    public async Task Private_events_of_test_classes_may_have_one_name()
    {
        var code = new Code("""
            public sealed class OneTest { [EventType("noted")] private sealed record Noted; }
            public sealed class OtherTest { [EventType("noted")] private sealed record Noted; }
            """);

        (await code.ToldAsync()).Should().BeEmpty();
    }

    [Theory]
    [InlineData("#pragma warning disable ES0001\n", "")]
    [InlineData("", "[System.Diagnostics.CodeAnalysis.SuppressMessage(\"EventSourcing\", \"ES0001\")] ")]
    public async Task It_can_be_suppressed_as_any_other(string pragma, string attribute)
    {
        var code = new Code($$"""
            {{pragma}}[EventType("order-placed")] public sealed class OrderPlaced
            {
                {{attribute}}public decimal Total { get; set; }
            }
            """);

        (await code.ToldAsync()).Should().BeEmpty();
    }
}
