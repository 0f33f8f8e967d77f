using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Xunit;

namespace EventSourcing.Conformance;

/// <summary>What the suites of personal data need: applications as in several processes, with the same master key. Not a suite itself.</summary>
public abstract class PersonalFixture : StoreSuite
{
    private readonly List<ServiceProvider> processes = [];

    private protected static readonly CustomerRegistered Ada = new("customer-7", "Ada Lovelace", new HomeAddress("St James's Square", 12), "GB");

    /// <summary>Registers what is kept beside the event store: <see cref="ISubjectKeyStore"/> as an instance, <see cref="ISnapshotStore"/>,
    /// <see cref="ISnapshotInventory"/>, <see cref="IConsumerStore"/>, <see cref="IDeadLetterStore"/>, <see cref="IReactorStore"/>
    /// and <see cref="IViewStore"/>. Called for each process of a test; what they hold is the same for all of them.</summary>
    protected abstract void AddBeside(IServiceCollection services, IEventStore store);

    private protected static AesMasterKey Master(string id = "2026-01", byte seed = 1) => new(id, [.. Enumerable.Repeat(seed, 32)]);

    /// <summary>An application as in one more process.</summary>
    private protected ServiceProvider Process(
        Action<PersonalDataOptions>? configure = null, Action<EventSourcingBuilder>? build = null, TimeProvider? time = null)
    {
        var services = new ServiceCollection();
        if (time is not null)
        {
            services.AddSingleton(time);
        }

        var builder = services
            .AddEventSourcing(options =>
            {
                options.Projections = ConsumerSuite.Quick;
                options.Reactors = ConsumerSuite.Quick;
            })
            .AddEvent<CustomerRegistered>()
            .AddEvent<CustomerVisited>()
            .AddEvent<PaymentMade>()
            .AddPersonalData(options =>
            {
                options.MasterKey = Master();
                configure?.Invoke(options);
            });
        AddBeside(services, Store);
        services.Replace(ServiceDescriptor.Singleton(Store));
        build?.Invoke(builder);
        var process = services.BuildServiceProvider();
        processes.Add(process);
        return process;
    }

    private protected static Task<CommandResult> WriteAsync(IServiceProvider process, StreamName stream, params object[] events) =>
        process.GetRequiredService<IRepository>().ExecuteAsync(stream, Everything, _ => events, cancellationToken: Cancellation);

    private protected static readonly Fold<List<object>> Everything = new(() => [], (all, one) => [.. all, one]);

    private protected static async Task<List<object>> LoadAsync(IServiceProvider process, StreamName stream) =>
        (await process.GetRequiredService<IRepository>().LoadAsync(stream, Everything, Cancellation)).State;

    private protected async Task<string> StoredAsync(StreamName stream) =>
        string.Join('\n', (await ReadAsync(stream)).Select(recorded => Encoding.UTF8.GetString(recorded.Data.Span)));

    /// <inheritdoc/>
    protected override async ValueTask ReleaseAsync()
    {
        foreach (var process in processes)
        {
            await process.DisposeAsync();
        }
    }

    /// <summary>A clock that only the test moves.</summary>
    private protected sealed class HandClock : TimeProvider
    {
        private long ticks;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public void Advance(TimeSpan time) => Interlocked.Add(ref ticks, time.Ticks);

        public override long GetTimestamp() => Interlocked.Read(ref ticks);
    }
}
