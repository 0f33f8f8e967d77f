namespace EventSourcing.Generators.Library;

public abstract record BookEvent;

[EventType("book-lent")]
public sealed record BookLent(string Reader, DateOnly Due) : BookEvent;

[EventType("book-returned")]
public sealed record BookReturned : BookEvent;

[EventType("book-marked", Version = 2)]
public sealed record BookMarked(Mark Mark) : BookEvent;

public enum Mark
{
    Torn,
    Lost,
}

/// <summary>What only the code around it can name, but the generator can, too.</summary>
public static class Desk
{
    [EventType("desk \"A\" opened")]
    internal sealed record Opened(int Number);
}
