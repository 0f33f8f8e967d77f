namespace EventSourcing;

public sealed class EventHashTests
{
    private static readonly RecordedEvent recorded = new()
    {
        Stream = "ordür-1",
        Version = new(7),
        Position = new(8_000_000_000),
        Id = new Guid("00112233-4455-6677-8899-aabbccddeeff"),
        Type = "happened",
        RecordedAt = new DateTimeOffset(2026, 1, 31, 11, 0, 0, TimeSpan.FromHours(1)).AddTicks(1_234_569),
        Data = """{"ü": "\u0000"}"""u8.ToArray(),
        Metadata = """{"actor":"🎉"}"""u8.ToArray(),
        Tags = [new Tag("course:c1"), new Tag("ü:1")],
    };

    /// <summary>Made by a program of its own, by what the documentation says; the server's function gives the same.</summary>
    [Fact]
    public void It_is_what_is_documented() =>
        Convert.ToHexStringLower(EventHash.Of([1, 2], recorded)).Should().Be("ba3b12a066ea01e043d3ebdb0908dc769a5a13a1b2cc0fa61247091ebf24a1f6");

    [Fact]
    public void Null_is_refused() => FluentActions.Invoking(() => EventHash.Of([], null!)).Should().Throw<ArgumentNullException>();

    [Theory]
    [InlineData("5000:1/1:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef", true)]
    [InlineData("0:4/4:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef", true)]
    [InlineData("", false)]
    [InlineData("5000", false)]
    [InlineData("-5:1/1:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef", false)]
    [InlineData("5000:0/1:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef", false)]
    [InlineData("5000:2/1:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef", false)]
    [InlineData("5000:1/1:0123456789ABCDEF0123456789abcdef0123456789abcdef0123456789abcdef", false)]
    [InlineData("99999999999999999999:1/1:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef", false)]
    [InlineData("5000:1/1:0123", false)]
    public void An_anchor_is_one_line_of_text(string text, bool isAnchor)
    {
        var parse = () => LogAnchor.Parse(text).ToString();

        if (isAnchor)
        {
            parse().Should().Be(text);
        }
        else
        {
            parse.Should().Throw<FormatException>();
        }
    }
}
