namespace EventSourcing;

/// <summary>A public message that cannot be carried is refused when it is made, not when it is published.</summary>
public sealed class PublicMessageTests
{
    private static readonly PublicMessage valid = new()
    {
        Id = Guid.CreateVersion7(),
        Topic = "shop.order.placed",
        Type = "order-placed.v1",
        Body = "{}"u8.ToArray(),
        OccurredAt = DateTimeOffset.UnixEpoch,
    };

    public static TheoryData<string, Func<PublicMessage>> Unfit => new()
    {
        { "no id", () => valid with { Id = Guid.Empty } },
        { "no topic", () => valid with { Topic = "" } },
        { "null topic", () => valid with { Topic = null! } },
        { "too many characters", () => valid with { Topic = new string('a', 256) } },
        { "too many bytes", () => valid with { Topic = new string('ü', 128) } },
        { "no type", () => valid with { Type = "" } },
        { "a lone surrogate", () => valid with { Type = "\ud800" } },
        { "no body", () => valid with { Body = default } },
        { "not JSON", () => valid with { Body = "{"u8.ToArray() } },
        { "not UTF-8", () => valid with { Body = new byte[] { 0x22, 0xff, 0x22 } } },
        { "two values", () => valid with { Body = "1 2"u8.ToArray() } },
        { "an empty key", () => valid with { Key = "" } },
        { "a long correlation id", () => valid with { CorrelationId = new string('a', 256) } },
        { "an empty causation id", () => valid with { CausationId = "" } },
        { "an unwritable trace context", () => valid with { TraceParent = "\0" } },
        { "null headers", () => valid with { Headers = null! } },
        { "a header without a name", () => With("", "value") },
        { "a header without a value", () => With("name", null!) },
        { "an unwritable header", () => With("name", "\udc00") },
        { "a reserved header", () => With("TraceParent", "value") },
        { "too much", () => With("name", new string('a', PublicMessage.MaxHeaderBytes - 3)) },
        { "too much with the key", () => With("name", new string('a', PublicMessage.MaxHeaderBytes - 4)) with { Key = "k" } },
    };

    [Theory]
    [MemberData(nameof(Unfit), DisableDiscoveryEnumeration = true)]
    public void What_no_broker_can_carry_is_refused(string what, Func<PublicMessage> make) =>
        make.Should().Throw<ArgumentException>(what);

    [Fact]
    public void The_longest_names_and_headers_fit()
    {
        var longest = With("name", new string('a', PublicMessage.MaxHeaderBytes - 4)) with { Topic = new string('a', 255), CorrelationId = new string('ü', 127) };

        longest.Topic.Should().HaveLength(255);
    }

    [Fact]
    public void What_becomes_of_the_given_headers_later_changes_nothing()
    {
        var given = new Dictionary<string, string> { ["tenant"] = "one" };
        var message = valid with { Headers = given };

        given["tenant"] = "two";

        message.Headers["tenant"].Should().Be("one");
    }

    [Fact]
    public void A_failure_is_passing_unless_it_names_a_message()
    {
        var refused = Guid.NewGuid();

        new MessagePublishingException("down").IsTransient.Should().BeTrue();
        new MessagePublishingException("refused", refused).IsTransient.Should().BeFalse();
        new MessagePublishingException("refused", refused).RefusedMessageId.Should().Be(refused);
    }

    private static PublicMessage With(string name, string value) => valid with { Headers = new Dictionary<string, string> { [name] = value } };
}
