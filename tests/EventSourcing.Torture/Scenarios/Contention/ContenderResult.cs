namespace EventSourcing.Torture;

/// <summary>How one contender fared with what it decided through the repository: each thing again until it was stored.</summary>
/// <param name="Wins">How many were stored.</param>
/// <param name="GivenUp">How often the repository gave up one, after its bound, before the contender began it anew.</param>
/// <param name="MostAttempts">The most appends that one thing took, all beginnings together; the unfinished last one counts, too.</param>
/// <param name="Wrong">What must not be, in words.</param>
internal sealed record ContenderResult(int Wins, int GivenUp, int MostAttempts, IReadOnlyList<string> Wrong);
