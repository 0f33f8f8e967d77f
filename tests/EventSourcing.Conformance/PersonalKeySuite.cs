using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Xunit;

namespace EventSourcing.Conformance;

/// <summary>The keys of personal data at work: asked for rarely, rotated, missing, and out of reach.</summary>
public abstract class PersonalKeySuite : PersonalFixture
{
    [Fact]
    public async Task A_page_of_a_thousand_subjects_asks_for_their_keys_once()
    {
        var (process, keys) = Watched(Views);
        var events = Enumerable.Range(0, 1000).Select(n => (object)(Ada with { CustomerId = $"customer-{n}", Name = $"Ada {n}" })).ToArray();
        await WriteAsync(process, "customers-1", events);
        Assert.Equal((2, 0), keys.TakeCounts());

        (process, keys) = Watched(builder =>
        {
            Views(builder);
            builder.Services.Configure<EventSourcingOptions>(options => options.Projections = ConsumerSuite.Quick with { PageSize = 1000 });
        });
        await process.GetRequiredService<ProjectionRunner>().CatchUpAsync(Cancellation);
        Assert.Equal((1, 0), keys.TakeCounts());
        Assert.Equal("Ada 999", (await process.GetRequiredService<IViewReader<CustomerCard>>().FindAsync("customer-999", Cancellation))!.Name);

        (process, keys) = Watched();
        Assert.Equal(events, await LoadAsync(process, "customers-1"));
        Assert.Equal(events, await LoadAsync(process, "customers-1"));
        Assert.Equal((1, 0), keys.TakeCounts());

        (process, keys) = Watched();
        var decided = await process.GetRequiredService<IRepository>().DecideAsync(
            [new DecisionProjection<int>(0).On<CustomerRegistered>((count, _) => count + 1)],
            _ => [new CustomerVisited("customer-1")],
            cancellationToken: Cancellation);
        Assert.Single(decided.Events);
        Assert.Equal((1, 0), keys.TakeCounts());
    }

    [Fact]
    public async Task More_subjects_than_are_kept_in_memory_are_read_all_the_same()
    {
        var events = Enumerable.Range(0, 100).Select(n => (object)(Ada with { CustomerId = $"customer-{n}" })).ToArray();
        await WriteAsync(Process(options => options.MaxKeys = 7), "customers-1", events);

        var (process, keys) = Watched(configure: options => options.MaxKeys = 7);
        Assert.Equal(events, await LoadAsync(process, "customers-1"));
        Assert.True(keys.TakeCounts().Blocking > 0);
    }

    [Fact]
    public async Task Keys_are_wrapped_anew_by_the_next_master_key_and_the_one_before_is_not_needed_any_more()
    {
        await WriteAsync(Process(), "customer-7", Ada);
        await WriteAsync(Process(), "customer-8", Ada with { CustomerId = "customer-8" });
        void Next(PersonalDataOptions options) => options.MasterKey = Master("2027-01", seed: 2);
        void Both(PersonalDataOptions options)
        {
            Next(options);
            options.EarlierMasterKeys.Add(Master());
        }

        var rotating = Process(Both);
        Assert.Equal([Ada], await LoadAsync(rotating, "customer-7"));
        await WriteAsync(rotating, "customer-9", Ada with { CustomerId = "customer-9" });
        await rotating.GetRequiredService<DataSubjects>().ForgetAsync("customer-8", Cancellation);
        var unknown = await Assert.ThrowsAsync<EventSerializationException>(() => LoadAsync(Process(Next), "customer-7"));
        Assert.Contains("'2026-01', which is none of those given: '2027-01'", unknown.Message, StringComparison.Ordinal);

        Assert.Equal(1, await rotating.GetRequiredService<DataSubjects>().RewrapAsync(Cancellation));
        Assert.Equal(0, await rotating.GetRequiredService<DataSubjects>().RewrapAsync(Cancellation));

        Assert.Equal([Ada], await LoadAsync(Process(Next), "customer-7"));
        Assert.Equal([Ada with { CustomerId = "customer-9" }], await LoadAsync(Process(Next), "customer-9"));
        Assert.Equal("[forgotten]", Assert.IsType<CustomerRegistered>(Assert.Single(await LoadAsync(Process(Next), "customer-8"))).Name);
    }

    [Fact]
    public async Task Another_master_key_of_the_same_name_is_told_with_the_place()
    {
        await WriteAsync(Process(), "customer-7", new CustomerVisited("customer-7"), Ada);

        var wrong = await Assert.ThrowsAsync<EventSerializationException>(() => LoadAsync(Process(options => options.MasterKey = Master(seed: 9)), "customer-7"));

        Assert.Equal(("customer-7", 2L), (wrong.Stream!.Value.Value, wrong.Version!.Value.Value));
        Assert.Equal("customer-7", Assert.IsType<PersonalDataException>(wrong.InnerException).Subject);
        Assert.Contains("cannot be unwrapped by the master key '2026-01'", wrong.Message, StringComparison.Ordinal);
        await RefusesAsync<EventSerializationException>(() => WriteAsync(Process(options => options.MasterKey = Master(seed: 9)), "customer-1", Ada));
    }

    [Fact]
    public async Task A_key_that_is_lost_is_no_forgotten_one()
    {
        await WriteAsync(Process(), "customer-7", Ada);
        var restored = Process(build: builder => builder.Services.Replace(ServiceDescriptor.Singleton<ISubjectKeyStore>(new NoKeys())));

        var missing = await Assert.ThrowsAsync<EventSerializationException>(() => LoadAsync(restored, "customer-7"));

        Assert.Contains("There is no key of subject 'customer-7', and it was not forgotten either", missing.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_master_key_that_cannot_be_reached_parks_nothing_and_is_waited_for()
    {
        var master = new Remote(Master());
        await WriteAsync(Process(), "customer-7", Ada);
        var process = Process(options => options.MasterKey = master, builder =>
        {
            Views(builder);
            builder.Services.Configure<EventSourcingOptions>(options => options.Projections = ConsumerSuite.Quick with { OnPoison = PoisonAction.Park });
        });
        master.IsDown = true;
        await RefusesAsync<EventStoreUnavailableException>(() => WriteAsync(process, "customer-9", Ada with { CustomerId = "customer-9" }));
        await RefusesAsync<EventStoreUnavailableException>(() => LoadAsync(process, "customer-7"));
        var runner = process.GetRequiredService<ProjectionRunner>();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        var running = runner.RunAsync(stop.Token);
        while (master.Asked < 8)
        {
            Assert.False(running.IsCompleted);
            await Task.Delay(5, Cancellation);
        }

        master.IsDown = false;
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        patience.CancelAfter(Patience);
        while (await process.GetRequiredService<IViewReader<CustomerCard>>().FindAsync("customer-7", patience.Token) is null)
        {
            await Task.Delay(5, patience.Token);
        }

        await stop.CancelAsync();
        await Record.ExceptionAsync(() => running);
        Assert.Empty(await runner.ListDeadLettersAsync("cards", Cancellation));
    }

    private static void Views(EventSourcingBuilder builder) => builder.AddView<CustomerCards, CustomerCard>();

    private (ServiceProvider Process, WatchedKeys Keys) Watched(Action<EventSourcingBuilder>? build = null, Action<PersonalDataOptions>? configure = null)
    {
        WatchedKeys? keys = null;
        var process = Process(configure, builder =>
        {
            build?.Invoke(builder);
            var inner = builder.Services.Last(service => service.ServiceType == typeof(ISubjectKeyStore));
            keys = new WatchedKeys((ISubjectKeyStore)inner.ImplementationInstance!);
            builder.Services.Replace(ServiceDescriptor.Singleton<ISubjectKeyStore>(keys));
        });
        return (process, keys!);
    }

    private sealed class NoKeys : ISubjectKeyStore
    {
        public Task<IReadOnlyList<StoredSubjectKey>> LoadAsync(IReadOnlyCollection<string> subjects, CancellationToken cancellationToken = default) =>
            Task.FromResult<IReadOnlyList<StoredSubjectKey>>([]);

        public IReadOnlyList<StoredSubjectKey> Load(IReadOnlyCollection<string> subjects) => [];

        public Task<IReadOnlyList<StoredSubjectKey>> AddAsync(IReadOnlyCollection<StoredSubjectKey> keys, CancellationToken cancellationToken = default) =>
            Task.FromResult<IReadOnlyList<StoredSubjectKey>>([]);

        public IReadOnlyList<StoredSubjectKey> Add(IReadOnlyCollection<StoredSubjectKey> keys) => [];

        public Task<bool> ForgetAsync(string subject, CancellationToken cancellationToken = default) => Task.FromResult(false);

        public Task<IReadOnlyList<StoredSubjectKey>> FindWrappedByOthersAsync(string masterKeyId, int maxCount, CancellationToken cancellationToken = default) =>
            Task.FromResult<IReadOnlyList<StoredSubjectKey>>([]);

        public Task<bool> ReplaceAsync(StoredSubjectKey before, StoredSubjectKey after, CancellationToken cancellationToken = default) => Task.FromResult(false);
    }

    /// <summary>A master key as a service has it: it answers later, and may be down.</summary>
    private sealed class Remote(IMasterKey inner) : IMasterKey
    {
        private int asked;

        public volatile bool IsDown;

        public int Asked => Volatile.Read(ref asked);

        public string Id => inner.Id;

        public async ValueTask<ReadOnlyMemory<byte>> WrapAsync(ReadOnlyMemory<byte> key, string subject, CancellationToken cancellationToken)
        {
            await AskAsync(cancellationToken);
            return await inner.WrapAsync(key, subject, cancellationToken);
        }

        public async ValueTask<ReadOnlyMemory<byte>> UnwrapAsync(ReadOnlyMemory<byte> wrapped, string subject, CancellationToken cancellationToken)
        {
            await AskAsync(cancellationToken);
            return await inner.UnwrapAsync(wrapped, subject, cancellationToken);
        }

        private async Task AskAsync(CancellationToken cancellationToken)
        {
            Interlocked.Increment(ref asked);
            await Task.Delay(1, cancellationToken);
            if (IsDown)
            {
                throw new HttpRequestException("No key management service here.");
            }
        }
    }
}
