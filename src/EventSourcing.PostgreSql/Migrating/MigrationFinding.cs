namespace EventSourcing.PostgreSql;

/// <summary>A kind of thing in a source that cannot be stored.</summary>
/// <param name="Problem">What it is.</param>
/// <param name="Count">On how many events; of streams that share a name, how many streams.</param>
/// <param name="Places">The first ones, at most five: with the words with which the import would refuse them.</param>
public sealed record MigrationFinding(string Problem, long Count, IReadOnlyList<string> Places);
