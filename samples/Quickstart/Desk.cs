using EventSourcing;

namespace Quickstart;

/// <summary>An effect outside: it happens for each event once it is stored, and not again when the read model is built anew.</summary>
public sealed partial class Desk() : Reactor("desk", startAfter: LogPosition.Start)
{
    private static async Task On(BookLent lent, ReactorContext context) =>
        await Console.Out.WriteLineAsync($"slip for {lent.Reader}: {context.Envelope.Stream.Value}");
}
