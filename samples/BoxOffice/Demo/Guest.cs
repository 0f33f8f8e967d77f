namespace BoxOffice.Demo;

/// <summary>A guest of the evening. Times are parts of the time for which a seat is held.</summary>
/// <param name="Name">Who.</param>
/// <param name="Seat">The seat wanted.</param>
/// <param name="Comes">When, from the beginning.</param>
/// <param name="Pays">How long after that; null for never.</param>
/// <param name="IsAnswerLost">Whether the provider's answer to our request gets lost once.</param>
public sealed record Guest(string Name, string Seat, double Comes, double? Pays, bool IsAnswerLost = false);
