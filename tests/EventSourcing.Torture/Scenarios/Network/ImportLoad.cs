using System.Text;
using EventSourcing.PostgreSql;
using Npgsql;

namespace EventSourcing.Torture;

/// <summary>Imports that are cut in the middle, and run again until they are through.</summary>
internal sealed class ImportLoad(World world, string connectionString)
{
    public const int Streams = 40;

    // Large events, so that a batch is full with few of them.
    private const int EventsPerStream = 8;
    private const int NoteBytes = 64 * 1024;

    public static StreamName Stream(int number) => StreamName.For("imported", number);

    /// <summary>Imports one history after the other until told to stop, and ends the last one.</summary>
    public async Task RunAsync(int most, CancellationToken over)
    {
        await using var dataSource = NpgsqlDataSource.Create(connectionString);
        await using var store = new PostgreSqlEventStore(dataSource, new PostgreSqlOptions { Schema = world.SchemaName });
        for (var history = 0; history < most && !over.IsCancellationRequested; history++)
        {
            var parts = Parts(history).ToArray();
            foreach (var part in parts)
            {
                world.WillAppend(new AppendRequest(part));
            }

            await ImportAsync(store, parts);
        }
    }

    private static IEnumerable<StreamAppend> Parts(int history) => Enumerable.Range(0, Streams).Select(number => new StreamAppend(
        Stream((history * Streams) + number),
        ExpectedVersion.NoStream,
        [.. Enumerable.Range(0, EventsPerStream).Select(_ => Event())]));

    private static EventData Event()
    {
        var plain = Projections.Serializer.Serialize(new Moved(Random.Shared.Next(100), []));
        return new EventData(plain.Id, plain.Type, plain.Data, Encoding.UTF8.GetBytes($"{{\"custom\":{{\"note\":\"{new string('y', NoteBytes)}\"}}}}"));
    }

    private async Task ImportAsync(PostgreSqlEventStore store, StreamAppend[] parts)
    {
        while (true)
        {
            try
            {
                var reached = await store.ImportAsync(parts.ToAsyncEnumerable());
                world.Run.Count("imports");
                if (reached.Stored + reached.AlreadyStored != Streams * EventsPerStream)
                {
                    world.Run.Violation($"An import of {Streams * EventsPerStream} events was told to be done: {reached}.");
                }

                return;
            }
            catch (EventStoreUnavailableException)
            {
                world.Run.Count("importsBrokenOff");
                await Task.Delay(50, CancellationToken.None);
            }
        }
    }
}
