namespace EventSourcing.Torture;

/// <summary>Each message was published, first in the order of the log; what comes again has come before.</summary>
internal static class PublishedCheck
{
    /// <summary>How the files of published messages end.</summary>
    public const string Ending = ".published";

    public static async Task CheckAsync(TortureRun run, string folder, IEventStore store)
    {
        var translator = new Tell();
        var wanted = new List<string>();
        await foreach (var page in store.ReadPagesAsync(new LogReadOptions()))
        {
            wanted.AddRange(page.Events.Where(recorded => recorded.Type == "moved")
                .SelectMany(recorded => translator.Translate(Projections.Serializer.Deserialize(recorded)))
                .Select(message => message.Id.ToString()));
        }

        var published = EffectFile.ReadAll(folder, Ending);
        run.Checked("messages published", published.Count);
        var first = published.Distinct(StringComparer.Ordinal).ToArray();
        run.Figure("messagesRepeated", published.Count - first.Length);
        for (var i = 0; i < Math.Max(first.Length, wanted.Count); i++)
        {
            var (was, should) = (i < first.Length ? first[i] : "nothing", i < wanted.Count ? wanted[i] : "nothing");
            if (was != should)
            {
                run.Violation($"Message {i + 1} of {wanted.Count} that was published first is {was} and should be {should}.");
                return;
            }
        }
    }
}
