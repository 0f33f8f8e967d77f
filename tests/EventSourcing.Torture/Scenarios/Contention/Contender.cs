namespace EventSourcing.Torture;

/// <summary>Appends to the contended streams in every way there is, under conditions or not, reads them, and decides on them
/// through a repository.</summary>
internal sealed class Contender
{
    private static readonly Fold<(long Count, long Sum)> Fold = new(
        () => (0, 0), (state, decided) => (state.Count + 1, state.Sum + ((Decided)decided).Amount));

    private readonly RecordingAppender appender;
    private readonly RecordingReader reader;
    private readonly Random random;
    private readonly bool hasConditions;
    private readonly RecordingStore counted;
    private readonly Repository repository;
    private readonly ConflictRetryOptions retry = new();
    private readonly Dictionary<StreamName, long> known = [];
    private readonly List<string> wrong = [];
    private int wins;
    private int givenUp;
    private int mostAttempts;

    public Contender(RecordingAppender appender, RecordingReader reader, Random random, bool isOptimistic, bool hasConditions)
    {
        (this.appender, this.reader, this.random, this.hasConditions) = (appender, reader, random, hasConditions);
        counted = new RecordingStore(appender);
        repository = new Repository(counted, Decided.Serializer, retry, cache: new StreamCacheOptions { IsOptimistic = isOptimistic });
    }

    public ContenderResult Result => new(wins, givenUp, mostAttempts, wrong);

    public async Task FightAsync(CancellationToken stopping)
    {
        while (!stopping.IsCancellationRequested)
        {
            var append = Guid.NewGuid();
            switch (random.Next(100))
            {
                case < 30: await DecideAsync(stopping); break;
                case < 42: await LookAsync(Arena.Any(random)); break;
                case < 46: await reader.LookAtLogAsync(); break;
                case < 55: await HoldAsync(append); break;
                case < 85 when hasConditions: await AppendAsync(await ConditionalAsync(append), append); break;
                case < 67: await AppendAsync(await BoundaryAsync(), append); break;
                default: await AppendAsync(NextRequest(), append); break;
            }

            await Task.Delay(random.Next(4), CancellationToken.None);
        }
    }

    /// <summary>One thing to decide, until it is stored.</summary>
    private async Task DecideAsync(CancellationToken stopping)
    {
        for (var before = counted.Attempts; !stopping.IsCancellationRequested;)
        {
            var begun = counted.Attempts;
            try
            {
                await repository.ExecuteAsync(
                    Arena.Any(random), Fold, state => [Decided.New(random, state.Count, state.Sum)], cancellationToken: CancellationToken.None);
                wins++;
                return;
            }
            catch (ConcurrencyConflictException)
            {
                givenUp++;
                if (counted.Attempts - begun != retry.MaxAttempts)
                {
                    wrong.Add($"The repository gave up after {counted.Attempts - begun} attempts instead of {retry.MaxAttempts}.");
                }
            }
            catch (Exception failure)
            {
                wrong.Add($"A decision ended with {failure}");
                return;
            }
            finally
            {
                if (counted.Attempts - begun > retry.MaxAttempts)
                {
                    wrong.Add($"The repository tried {counted.Attempts - begun} times, and is to try {retry.MaxAttempts} times at most.");
                }

                mostAttempts = Math.Max(mostAttempts, counted.Attempts - before);
            }
        }
    }

    /// <summary>In a transaction of its own, which keeps others waiting and may come to nothing.</summary>
    private async Task HoldAsync(Guid append)
    {
        var request = random.Next(4) switch
        {
            0 when hasConditions => await ConditionalAsync(append),
            < 2 => await BoundaryAsync(),
            _ => NextRequest(),
        };
        var pause = TimeSpan.FromMilliseconds(random.Next(60));
        Learn(request, await appender.AppendInTransactionAsync(request, append, pause, isRolledBack: random.Next(100) < 30));
    }

    private async Task LookAsync(StreamName stream) => known[stream] = await reader.LookAtStreamAsync(stream);

    private async Task AppendAsync(AppendRequest request, Guid append)
    {
        var ended = await appender.AppendAsync(request, append);
        if (random.Next(3) == 0 && request.Streams.All(part => part.Expected.IsExact))
        {
            // Once more, as after a lost answer.
            ended = await appender.AppendAsync(request, append, attempt: 2);
        }

        Learn(request, ended);
    }

    private AppendRequest NextRequest() => random.Next(100) switch
    {
        < 40 => new AppendRequest(Exact(Arena.Any(random), events: random.Next(1, 4))),
        < 50 => new AppendRequest(new StreamAppend(Arena.Any(random), ExpectedVersion.Any, Events(random.Next(1, 4)))),
        < 57 => new AppendRequest(new StreamAppend(Arena.Any(random), ExpectedVersion.StreamExists, Events(1))),
        < 60 => new AppendRequest([.. Arena.Several(random, 2).Select(stream => Exact(stream, events: 0))]),
        _ => new AppendRequest([.. Arena.Several(random, random.Next(2, 4)).Select(stream =>
            random.Next(3) == 0 ? Exact(stream, events: 1) : new StreamAppend(stream, ExpectedVersion.Any, Events(random.Next(1, 3))))]),
    };

    /// <summary>Writes one stream as long as another stands where it is known to stand. Somebody else does it the other way round.</summary>
    private async Task<AppendRequest> BoundaryAsync()
    {
        var two = Arena.Several(random, 2);
        await LookAsync(two[1]);
        var condition = random.Next(5) == 0 ? new StreamAppend(two[1], ExpectedVersion.StreamExists, []) : Exact(two[1], events: 0);
        return new AppendRequest(new StreamAppend(two[0], ExpectedVersion.Any, Events(random.Next(1, 3))), condition);
    }

    /// <summary>Writes whatever it is, unless something has been stored meanwhile that concerns what was read before.</summary>
    private async Task<AppendRequest> ConditionalAsync(Guid append)
    {
        var condition = await reader.DecideAsync(Arena.Query(random), append);
        await Task.Delay(random.Next(4), CancellationToken.None);
        var request = random.Next(3) switch
        {
            0 => NextRequest(),
            1 => new AppendRequest(new StreamAppend(Arena.Any(random), ExpectedVersion.Any, Events(random.Next(1, 3)))),

            // As a repository decides: it may be sent again.
            _ => new AppendRequest(new StreamAppend(StreamName.For("decision", append), ExpectedVersion.NoStream, Events(random.Next(1, 3)))),
        };
        return new AppendRequest(request.Streams) { Condition = condition };
    }

    private StreamAppend Exact(StreamName stream, int events) =>
        new(stream, ExpectedVersion.At(new StreamVersion(known.GetValueOrDefault(stream))), Events(events));

    private EventData[] Events(int count) => [.. Enumerable.Range(0, count).Select(_ => Decided.Appended(random))];

    private void Learn(AppendRequest request, AppendEnded ended)
    {
        foreach (var (part, version) in request.Streams.Zip(ended.Outcome == AppendOutcome.Stored ? ended.Versions : []))
        {
            known[part.Stream] = version;
        }

        foreach (var (stream, actual) in ended.Actual)
        {
            known[new StreamName(stream)] = actual;
        }
    }
}
