using System.Text;

namespace EventSourcing.Torture;

/// <summary>Events of classes, through each adapter and back: equal to what was written, or refused before anything is.</summary>
internal sealed class TypedRound(Trial trial, Random random, IReadOnlyList<Adapter> adapters)
{
    public const string Category = "typed";

    private readonly HostileText texts = new(random);
    private readonly HostileJson json = new(random);

    public async Task RunAsync(int count)
    {
        for (var i = 0; i < count; i++)
        {
            var said = Said(random.Next(3));
            StreamName stream = StreamName.For(Category, Guid.NewGuid());
            var context = new CommandContext { CommandId = texts.Next(), CorrelationId = texts.Next(), Actor = texts.Next(), Custom = new Dictionary<string, string> { [texts.Next()] = texts.Next() } };
            var outcome = await trial.OnAllAsync("Repository.ExecuteAsync", Trial.Show(said.ToString()), adapters, async adapter =>
            {
                var repository = new Repository(adapter.Store, Texts.Serializer, cache: new StreamCacheOptions());
                await repository.ExecuteAsync(stream, (Said?)null, (_, @event) => (Said)@event, _ => [said], context);
                var folded = await new Repository(adapter.Store, Texts.Serializer).LoadAsync(stream, new Fold<Said?>(() => null, (_, @event) => (Said)@event));
                var warm = await repository.LoadAsync(stream, new Fold<Said?>(() => null, (_, @event) => (Said)@event));
                return folded.State == said && warm.State == said ? "same" : "different";
            });
            trial.Require(outcome != "= different", "An event comes back differently", Trial.Show(said.ToString()));

            // Whatever JSON there is: the class, or an exception that names type, position and stream.
            var payload = random.Next(3) == 0 ? Encoding.UTF8.GetBytes(json.Value(4)) : json.Broken(Texts.Serializer.Serialize(Said(1, isWritable: true)).Data.ToArray());
            if (HostileJson.IsJson(payload))
            {
                var read = await trial.OnceAsync("Deserialize", Trial.Show(payload), () => Task.FromResult(Read(payload)));
                trial.Require(read is "= read" or "= refused", "An exception does not say where", $"{Trial.Show(payload)}: {read}");
            }

            trial.Run.Checked("typed events");
        }

        await MisuseAsync();
    }

    /// <summary>What is no input but a mistake.</summary>
    private async Task MisuseAsync()
    {
        var fold = new Fold<int>(() => 0, (sum, _) => sum + 1);
        foreach (var (what, act) in new (string, Func<Repository, Task>)[]
        {
            ("a decision that is null", repository => repository.ExecuteAsync("typed-0", fold, _ => null!)),
            ("an event that is null", repository => repository.ExecuteAsync("typed-0", fold, _ => [null!])),
            ("a class that is not registered", repository => repository.ExecuteAsync("typed-0", fold, _ => [new { A = 1 }])),
            ("custom values that are null", repository => repository.ExecuteAsync("typed-0", fold, _ => [new Closed()], new CommandContext { Custom = null! })),
            ("an aggregate that is null", repository => repository.SaveAsync([null!])),
            ("no stream", repository => repository.LoadAsync(default, fold)),
            ("no fold", repository => repository.LoadAsync<int>("typed-0", null!)),
        })
        {
            var outcome = await trial.OnAllAsync("A mistake", what, adapters, async adapter =>
            {
                await act(new Repository(adapter.Store, Texts.Serializer));
                return "taken";
            });
            trial.Require(outcome is "! ArgumentException" or "! ArgumentNullException" or "! InvalidOperationException", "A mistake is taken", $"{what}: {outcome}");
        }
    }

    private static string Read(byte[] payload)
    {
        var recorded = new RecordedEvent
        {
            Stream = "typed-1", Version = new StreamVersion(3), Position = new LogPosition(7), Id = Guid.NewGuid(), Type = "said", Data = payload, Metadata = default, RecordedAt = default,
        };
        try
        {
            return Texts.Serializer.Deserialize(recorded).Event is Said ? "read" : "another class";
        }
        catch (EventSerializationException refused)
        {
            return refused is { EventType: "said", Stream.Value: "typed-1", Position.Value: 7, Version.Value: 3 } ? "refused" : "refused elsewhere";
        }
    }

    private Said Said(int depth, bool isWritable = false) => new(
        isWritable ? texts.NextStorable() : texts.Next(),
        isWritable ? texts.NextStorable() : texts.Next(),
        new[] { 0m, decimal.MaxValue, decimal.MinValue, 0.1000m, 1e-28m, -0.0m, new decimal(random.NextDouble()) }[random.Next(7)],
        new[] { DateTimeOffset.MinValue, DateTimeOffset.MaxValue, default, DateTimeOffset.UnixEpoch, new DateTimeOffset(2026, 3, 29, 2, 30, 0, TimeSpan.FromHours(14)) }[random.Next(5)],
        depth > 0 ? Said(depth - 1, isWritable) : null,
        (Mood)random.Next(-1, 9));
}
