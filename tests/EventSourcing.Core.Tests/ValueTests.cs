namespace EventSourcing;

/// <summary>The small types that cannot be mixed up.</summary>
public sealed class ValueTests
{
    [Theory]
    [InlineData("customer-17850", "customer")]
    [InlineData("customer-a-b-c", "customer")]
    [InlineData("journal", "journal")]
    [InlineData("a-", "a")]
    public void The_category_ends_at_the_first_hyphen(string name, string category) =>
        new StreamName(name).Category.Should().Be(category);

    [Fact]
    public void A_stream_name_is_joined_with_the_invariant_culture()
    {
        StreamName.For("order", 1234567.5m).Should().Be(new StreamName("order-1234567.5"));
        FluentActions.Invoking(() => StreamName.For("big-order", 1)).Should().Throw<ArgumentException>().WithMessage("*no hyphen*");
        FluentActions.Invoking(() => StreamName.For("", 1)).Should().Throw<ArgumentException>();
        FluentActions.Invoking(() => StreamName.For("order", "")).Should().Throw<ArgumentException>();
    }

    [Fact]
    public void Default_values_name_nothing()
    {
        FluentActions.Invoking(() => default(StreamName).Value).Should().Throw<InvalidOperationException>();
        FluentActions.Invoking(() => default(ExpectedVersion).IsMetBy(StreamVersion.None)).Should().Throw<InvalidOperationException>();
        default(StreamVersion).Should().Be(StreamVersion.None);
        default(LogPosition).Should().Be(LogPosition.Start);
        default(Checkpoint).Should().Be(Checkpoint.Start);
    }

    [Fact]
    public void Versions_and_positions_are_not_negative()
    {
        FluentActions.Invoking(() => new StreamVersion(-1)).Should().Throw<ArgumentOutOfRangeException>();
        FluentActions.Invoking(() => new LogPosition(-1)).Should().Throw<ArgumentOutOfRangeException>();
        FluentActions.Invoking(() => ExpectedVersion.At(-1)).Should().Throw<ArgumentOutOfRangeException>();
    }

    [Fact]
    public void Expectations_are_met_by_the_right_versions()
    {
        long[] MetBy(ExpectedVersion expected) => [.. new[] { 0L, 1, 2 }.Where(version => expected.IsMetBy(new StreamVersion(version)))];

        MetBy(ExpectedVersion.Any).Should().Equal(0, 1, 2);
        MetBy(ExpectedVersion.NoStream).Should().Equal(0);
        MetBy(ExpectedVersion.StreamExists).Should().Equal(1, 2);
        MetBy(ExpectedVersion.At(2)).Should().Equal(2);
        ExpectedVersion.At(0).Should().Be(ExpectedVersion.NoStream);
        FluentActions.Invoking(() => ExpectedVersion.Any.Version).Should().Throw<InvalidOperationException>();
    }

    [Theory]
    [InlineData("")]
    [InlineData("7")]
    [InlineData("p:")]
    [InlineData("p:-1")]
    [InlineData("p: 1")]
    [InlineData("P:1")]
    [InlineData("p:99999999999999999999")]
    public void What_is_no_checkpoint_is_refused(string text) =>
        FluentActions.Invoking(() => Checkpoint.Parse(text)).Should().Throw<FormatException>();

    [Fact]
    public void A_checkpoint_survives_as_text()
    {
        var checkpoint = Checkpoint.After(new LogPosition(long.MaxValue));

        Checkpoint.Parse(checkpoint.ToString()).Should().Be(checkpoint);
    }

    [Fact]
    public void Lone_surrogates_are_found()
    {
        // In code and not in attributes, whose strings are kept as UTF-8.
        foreach (var (text, index) in new[] { ("plain", -1), ("🎉", -1), ("a" + '\ud800', 1), ('\udc00' + "a", 0), ("🎉" + '\ud83c' + "🎉", 2) })
        {
            StoredText.IndexOfLoneSurrogate(text).Should().Be(index);
        }
    }
}
