using EventSourcing.InMemory;

namespace EventSourcing;

/// <summary>A store that goes away for a while is waited for; one that is not there at the start is an error.</summary>
public sealed class OutageTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_projection_waits_for_its_store_without_counting_attempts()
    {
        var store = new FlakyStore { FailuresLeft = 20 };
        await store.AppendAsync("a-1", ExpectedVersion.NoStream, [new EventData(Guid.NewGuid(), "thing", "{}"u8.ToArray())], Cancellation);
        var things = new Things();
        var options = new ConsumerOptions { MaxAttempts = 1, FirstRetryDelay = TimeSpan.FromMilliseconds(1), LongestRetryDelay = TimeSpan.FromMilliseconds(2) };
        var runner = new ProjectionRunner(store, new EventSerializer(new EventTypeRegistry().Add<Thing>()), [things], options);
        store.IsDown = true;
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        var running = runner.RunAsync(stop.Token);

        await runner.WaitForAsync("things", new LogPosition(1), Cancellation).WaitAsync(TimeSpan.FromSeconds(60), Cancellation);

        things.Count.Should().Be(1);
        await stop.CancelAsync();
        await running;
    }

    [Fact]
    public async Task A_subscription_goes_on_after_an_outage_without_a_skip_or_a_repetition()
    {
        var store = new FlakyStore();
        async Task AppendAsync() => await store.AppendAsync("a-1", ExpectedVersion.Any, [new EventData(Guid.NewGuid(), "thing", "{}"u8.ToArray())], Cancellation);
        await AppendAsync();
        var seen = new List<long>();
        await foreach (var message in store.SubscribeAsync(cancellationToken: Cancellation))
        {
            if (message is EventReceived received)
            {
                seen.Add(received.Event.Position.Value);
                if (seen.Count == 3)
                {
                    break;
                }

                store.FailuresLeft = 3;
                store.IsDown = true;
                await AppendAsync();
            }
        }

        seen.Should().Equal(1, 2, 3);
    }

    [Fact]
    public async Task A_subscription_to_a_store_that_is_not_there_fails_at_once()
    {
        var store = new FlakyStore { IsDown = true, FailuresLeft = 1 };

        var subscribe = async () => await store.SubscribeAsync(cancellationToken: Cancellation).FirstAsync(Cancellation);

        await subscribe.Should().ThrowAsync<EventStoreUnavailableException>();
    }

    [EventType("thing")]
    private sealed record Thing;

    private sealed class Things : Projection
    {
        public Things()
            : base("things") => On<Thing>((_, _) => Count++);

        public int Count { get; private set; }
    }

    /// <summary>A store whose reads fail so many times once it is down.</summary>
    private sealed class FlakyStore : IEventStore
    {
        private readonly InMemoryEventStore inner = new();

        public bool IsDown { get; set; }

        public int FailuresLeft { get; set; }

        public Task<AppendResult> AppendAsync(AppendRequest request, CancellationToken cancellationToken = default) => inner.AppendAsync(request, cancellationToken);

        public IAsyncEnumerable<RecordedEvent> ReadStreamAsync(StreamName stream, StreamReadOptions? options = null, CancellationToken cancellationToken = default) =>
            inner.ReadStreamAsync(stream, options, cancellationToken);

        public Task<LogPage> ReadLogAsync(LogReadOptions options, CancellationToken cancellationToken = default)
        {
            Fail();
            return inner.ReadLogAsync(options, cancellationToken);
        }

        public Task<QueryResult> QueryAsync(EventQuery query, CancellationToken cancellationToken = default)
        {
            Fail();
            return inner.QueryAsync(query, cancellationToken);
        }

        public Task<LogHead> GetHeadAsync(CancellationToken cancellationToken = default)
        {
            Fail();
            return inner.GetHeadAsync(cancellationToken);
        }

        public Task WaitForAppendAsync(LogPosition after, CancellationToken cancellationToken = default)
        {
            Fail();
            return inner.WaitForAppendAsync(after, cancellationToken);
        }

        private void Fail()
        {
            if (IsDown && FailuresLeft-- > 0)
            {
                throw new EventStoreUnavailableException("down");
            }
        }
    }
}
