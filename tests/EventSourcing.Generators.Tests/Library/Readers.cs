using System.Collections.Concurrent;

namespace EventSourcing.Generators.Library;

public sealed partial class Diary() : Projection("diary")
{
    public List<string> Lines { get; } = [];

    private void On(BookLent lent) => Lines.Add($"lent to {lent.Reader}");

    private void On(BookReturned returned, EventEnvelope envelope) => Lines.Add($"returned, version {envelope.Version}");

    private async Task On(BookMarked marked, EventEnvelope envelope, CancellationToken cancellationToken)
    {
        await Task.Delay(1, cancellationToken);
        Lines.Add($"{marked.Mark} in {envelope.Stream.Value}");
    }
}

public sealed record BookView(string? Reader, int Lendings);

/// <summary>One view for each stream.</summary>
public sealed partial class Books() : ViewProjection<BookView>("books")
{
    private static BookView On(BookView? book, BookLent lent) => new(lent.Reader, (book?.Lendings ?? 0) + 1);

    private static BookView On(BookView book, BookReturned returned, ViewContext context) => book with { Reader = null };

    private static BookView? On(BookMarked marked) => marked.Mark == Mark.Lost ? null : new BookView("?", 0);
}

public sealed record ReaderView(int Lendings);

/// <summary>Views with keys, one or several for an event.</summary>
public sealed partial class Readers() : ViewProjection<ReaderView>("readers")
{
    private static string KeyOf(BookLent lent) => lent.Reader;

    private static IEnumerable<string> KeyOf(BookMarked marked, EventEnvelope envelope) => ["all", envelope.Stream.Value];

    private static ReaderView On(ReaderView? reader, BookLent lent) => new((reader?.Lendings ?? 0) + 1);

    private ReaderView On(ReaderView? reader, BookMarked marked) => new(Version + 100);
}

[EventType("reminder")]
public sealed record Reminder(string Reader);

public sealed partial class Reminders(ConcurrentQueue<string> sent) : Reactor("reminders", startAfter: LogPosition.Start)
{
    private Task On(BookLent lent, ReactorContext context)
    {
        sent.Enqueue($"lent to {lent.Reader}, version {context.Envelope.Version}");
        context.Schedule(new Reminder(lent.Reader), DateTimeOffset.UnixEpoch, "reminder");
        return Task.CompletedTask;
    }

    private void On(BookReturned returned) => sent.Enqueue("returned");

    private void OnMessage(Reminder reminder, ReactorContext context) => sent.Enqueue($"reminded {reminder.Reader}");
}

public sealed record LentMessage(string Reader);

public sealed partial class LibraryMessages() : MessageTranslator("library-messages")
{
    private PublicMessage On(BookLent lent, EventEnvelope envelope) =>
        Message(envelope, "library", "lent.v1", new LentMessage(lent.Reader));

    private PublicMessage[] On(BookMarked marked, EventEnvelope envelope) =>
        [Message(envelope, "library", "marked.v1", marked), Message(envelope, "library", "marked.v2", marked)];
}
