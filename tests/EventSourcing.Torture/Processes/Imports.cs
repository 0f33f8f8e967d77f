using EventSourcing.PostgreSql;

namespace EventSourcing.Torture;

/// <summary>Brings histories in by COPY, one after the other, each again until it is stored.</summary>
internal static class Imports
{
    private const int StreamsOfOne = 6;

    public static async Task RunAsync(PostgreSqlEventStore store, HistoryFile history, Random random, CancellationToken stopping)
    {
        while (!stopping.IsCancellationRequested)
        {
            // A category of its own: an import applies no inline projection.
            StreamAppend[] parts = [.. Enumerable.Range(0, StreamsOfOne).Select(_ => new StreamAppend(
                StreamName.For("import", Guid.NewGuid()), ExpectedVersion.NoStream, [.. Enumerable.Range(0, random.Next(1, 12)).Select(EventOf)]))];
            var recorded = new RecordedImport(history, parts);
            while (!recorded.IsStored && !stopping.IsCancellationRequested)
            {
                await recorded.TryAsync(store);
                await Task.Delay(random.Next(200, 1_000), CancellationToken.None);
            }
        }

        EventData EventOf(int number) => Projections.Serializer.Serialize(new Moved(random.Next(-500, 500), [$"label-{number % 20}"]));
    }
}
