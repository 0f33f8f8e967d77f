using System.Collections.Immutable;

namespace BoxOffice.ReadModels;

/// <summary>A show as the box office sees it.</summary>
/// <param name="Seats">By seat: "held for Ada", "sold to Ada", "free".</param>
/// <param name="Takings">What was paid for the seats that are sold.</param>
public sealed record ShowView(ImmutableSortedDictionary<string, string> Seats, decimal Takings)
{
    /// <summary>A show of which nothing is known.</summary>
    public static ShowView Empty { get; } = new(ImmutableSortedDictionary<string, string>.Empty, 0);
}
