using System.Globalization;
using Npgsql;

namespace EventSourcing.PostgreSql;

/// <summary>However many projections are live in a process, the log is read from the database once.</summary>
public sealed class SharedTailTests
{
    private const int Appends = 50;
    private const int EventsInEach = 10;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(1)]
    [InlineData(10)]
    public async Task So_many_live_projections_take_the_events_from_the_database_once(int projections)
    {
        await using var database = await TestDatabase.CreateAsync();
        using var statements = new StatementTexts();
        await using var dataSource = new NpgsqlDataSourceBuilder(database.ConnectionString).UseLoggerFactory(statements).Build();
        await using var store = database.NewStore(
            options => (options.PollingInterval, options.Notifications) = (TimeSpan.FromMinutes(1), false), dataSource: dataSource);
        var serializer = new EventSerializer(new EventTypeRegistry().Add<Counted>());
        var views = new PostgreSqlViewStore(store, serializer);
        var all = Enumerable.Range(0, projections).Select(i => new StreamTotals($"totals-{i}")).ToArray();
        var runner = new ProjectionRunner(store, serializer, all.Select(((IViewStore)views).Bind), consumers: new PostgreSqlConsumerStore(store));
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        var running = runner.RunAsync(stop.Token);
        for (var warmUp = 0; warmUp < 3; warmUp++)
        {
            await AppendAsync(warmUp);
        }

        statements.Clear();
        for (var i = 0; i < Appends; i++)
        {
            await AppendAsync(3 + i);
        }

        // Each append is waited for everywhere, so it is a page of its own: 50 of them, where each projection for itself would read 500.
        // Whether the log goes on is asked more often: that takes a position from the index and no event.
        statements.All.Count(text => text.Contains("e.data", StringComparison.Ordinal) && text.Contains(".log e", StringComparison.Ordinal))
            .Should().BeInRange(Appends, Appends * 2);
        foreach (var projection in all)
        {
            var found = await views.Open(projection).ReadAllAsync(Cancellation).ToDictionaryAsync(view => view.Key, view => view.Value, cancellationToken: Cancellation);
            found.Should().BeEquivalentTo(Enumerable.Range(0, 7).ToDictionary(Stream, Expected));
        }

        await stop.CancelAsync();
        await running;

        async Task AppendAsync(int append)
        {
            var appended = await store.AppendAsync(
                Stream(append % 7), ExpectedVersion.Any, [.. Enumerable.Range(0, EventsInEach).Select(i => serializer.Serialize(new Counted(append + i)))], Cancellation);
            foreach (var projection in all)
            {
                await runner.WaitForAsync(projection.Name, appended.Position, Cancellation);
            }
        }
    }

    private static string Stream(int number) => string.Create(CultureInfo.InvariantCulture, $"counter-{number}");

    /// <summary>What the appends to a stream come to, by the same numbers and no store.</summary>
    private static StreamTotal Expected(int stream)
    {
        var appends = Enumerable.Range(0, 3 + Appends).Where(append => append % 7 == stream).ToArray();
        return new StreamTotal(appends.Length * EventsInEach, appends.Sum(append => Enumerable.Range(append, EventsInEach).Sum()));
    }

    private sealed record StreamTotal(long Count, long Total);

    private sealed class StreamTotals : ViewProjection<StreamTotal>
    {
        public StreamTotals(string name)
            : base(name) => On<Counted>((view, counted, _) => new StreamTotal((view?.Count ?? 0) + 1, (view?.Total ?? 0) + counted.By));
    }
}
