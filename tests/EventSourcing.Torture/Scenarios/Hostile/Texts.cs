namespace EventSourcing.Torture;

/// <summary>Says something to somebody, both of the writer's choice.</summary>
[EventType("said")]
internal sealed record Said(string To, string What, decimal Amount, DateTimeOffset At, Said? Before, Mood Mood);

/// <summary>An enum as events have it.</summary>
internal enum Mood
{
    Calm,
    Cross = 7,
}

/// <summary>An event whose constructor fails on what it does not expect, as careless code does.</summary>
[EventType("touchy")]
internal sealed record Touchy(string Text)
{
    public int Length { get; } = Text.Length;

    public char First { get; } = Text[0];
}

/// <summary>What somebody has been told.</summary>
internal sealed record Heard(int Times, string Last);

/// <summary>A view by a key from outside.</summary>
internal sealed class Texts : ViewProjection<Heard>
{
    public const string UsualName = "texts";

    /// <param name="name">Its name.</param>
    /// <param name="keepsZero">Whether it keeps U+0000, which a document of the server's cannot hold and one in memory can: where both are
    /// compared it leaves it out, as is recommended.</param>
    public Texts(string name = UsualName, bool keepsZero = true)
        : base(name)
    {
        On<Said>((said, _) => said.To, (heard, said, _) => new Heard((heard?.Times ?? 0) + 1, keepsZero ? said.What : said.What?.Replace("\0", string.Empty, StringComparison.Ordinal)!));
        On<Touchy>((touchy, _) => touchy.Text, (heard, _, _) => heard is null ? new Heard(1, "touched") : heard with { Times = heard.Times + 1 });
    }

    public static EventSerializer Serializer { get; } = new(new EventTypeRegistry().Add<Said>().Add<Touchy>().Add<Moved>().Add<Closed>().Add<Cleared>());
}
