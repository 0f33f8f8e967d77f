namespace EventSourcing;

/// <summary>The pauses between attempts.</summary>
public sealed class BackoffTests
{
    [Fact]
    public void A_pause_doubles_up_to_the_longest()
    {
        var longest = TimeSpan.FromSeconds(10);

        Enumerable.Range(1, 5).Select(attempt => Backoff.Longest(TimeSpan.FromSeconds(1), attempt, longest).TotalSeconds).Should().Equal(1, 2, 4, 8, 10);
        Backoff.Longest(TimeSpan.FromSeconds(1), int.MaxValue, longest).Should().Be(longest);
        Backoff.Longest(TimeSpan.Zero, int.MaxValue, longest).Should().Be(TimeSpan.Zero);
    }

    [Fact]
    public void A_long_first_pause_does_not_overflow()
    {
        var hours = TimeSpan.FromHours(6);

        Backoff.Longest(TimeSpan.FromHours(1), 100, hours).Should().Be(hours);
        Backoff.Longest(TimeSpan.MaxValue, 2, TimeSpan.MaxValue).Should().Be(TimeSpan.MaxValue);
    }
}
