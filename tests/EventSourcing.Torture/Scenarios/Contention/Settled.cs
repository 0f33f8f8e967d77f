namespace EventSourcing.Torture;

/// <summary>The same under another name, so that queries can ask for a type.</summary>
[EventType(Arena.RareType)]
internal sealed record Settled(long Amount, long Count, long Sum, IReadOnlyList<string>? About = null) : Decided(Amount, Count, Sum, About);
