using System.Text;

namespace EventSourcing.PostgreSql;

/// <summary>Events as texts, to be compared.</summary>
internal static class Migrated
{
    /// <summary>All of an event.</summary>
    public static string Text(RecordedEvent recorded) =>
        $"{recorded.Position} {recorded.Stream} {recorded.Version} {recorded.Id} {recorded.Type} {recorded.RecordedAt:O} {Encoding.UTF8.GetString(recorded.Data.Span)} {Encoding.UTF8.GetString(recorded.Metadata.Span)}";

    public static async Task<List<string>> TextsAsync(this IAsyncEnumerable<RecordedEvent> events) =>
        await events.Select(Text).ToListAsync(TestContext.Current.CancellationToken);

    /// <summary>The whole log of a store.</summary>
    public static Task<List<string>> LogAsync(this TestDatabase database) =>
        database.Store.ReadAllAsync(new LogReadOptions(), TestContext.Current.CancellationToken).TextsAsync();

    /// <summary>The same by the streams, one after the other.</summary>
    public static async Task<List<string>> StreamsAsync(this TestDatabase database, params string[] streams)
    {
        var texts = new List<string>();
        foreach (var stream in streams)
        {
            texts.AddRange(await database.Store.ReadStreamAsync(stream, cancellationToken: TestContext.Current.CancellationToken).TextsAsync());
        }

        return texts;
    }
}
