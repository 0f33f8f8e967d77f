using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;

namespace EventSourcing.HealthChecks;

[EventType("counted")]
public sealed record Counted(int Number);

public sealed record Count(int Sum);

/// <summary>What a test does to handlers.</summary>
public sealed class Handling
{
    /// <summary>The version of the projection.</summary>
    public int Version { get; init; } = 1;

    /// <summary>Called before an event is folded into a view.</summary>
    public Action<Counted> OnFold { get; set; } = _ => { };

    /// <summary>Called when the reactor handles an event.</summary>
    public Action<Counted> OnReact { get; set; } = _ => { };
}

public sealed class Counts : ViewProjection<Count>
{
    public Counts(Handling handling)
        : base("counts", handling.Version) => On<Counted>((count, counted, _) =>
        {
            handling.OnFold(counted);
            return new Count((count?.Sum ?? 0) + counted.Number);
        });
}

public sealed class Mails : Reactor
{
    public Mails(Handling handling)
        : base("mails", LogPosition.Start) => On<Counted>((counted, _) =>
        {
            handling.OnReact(counted);
            return Task.CompletedTask;
        });
}

/// <summary>An application with a projection, a reactor and the check.</summary>
internal sealed class Application : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly IHost host;

    public Application(
        Action<EventSourcingBuilder>? build = null,
        Action<EventSourcingHealthOptions>? configure = null,
        PoisonAction onPoison = PoisonAction.Stop,
        TimeSpan? timeout = null,
        HealthStatus? failureStatus = null,
        Handling? handling = null)
    {
        Handling = handling ?? new Handling();
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddSingleton(Handling);
        var quick = new ConsumerOptions
        {
            MaxAttempts = 2, FirstRetryDelay = TimeSpan.FromMilliseconds(1), LeaseTime = TimeSpan.FromMilliseconds(600), PageSize = 4, OnPoison = onPoison,
        };
        var events = builder.Services.AddEventSourcing(options => (options.Projections, options.Reactors) = (quick, quick)).AddEvent<Counted>();
        (build ?? (all => all.UseInMemory().AddView<Counts, Count>().AddReactor<Mails>())).Invoke(events);
        builder.Services.AddHealthChecks().AddEventSourcing(configure, failureStatus: failureStatus, timeout: timeout);
        host = builder.Build();
    }

    public Handling Handling { get; }

    public ProjectionRunner Projections => host.Services.GetRequiredService<ProjectionRunner>();

    public ReactorRunner Reactors => host.Services.GetRequiredService<ReactorRunner>();

    public IEventStore Store => host.Services.GetRequiredService<IEventStore>();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static async Task<Application> StartAsync(
        Action<EventSourcingBuilder>? build = null,
        Action<EventSourcingHealthOptions>? configure = null,
        PoisonAction onPoison = PoisonAction.Stop,
        Handling? handling = null)
    {
        var application = new Application(build, configure, onPoison, handling: handling);
        await application.host.StartAsync(Cancellation);
        return application;
    }

    public EventData Event(int number) => host.Services.GetRequiredService<EventSerializer>().Serialize(new Counted(number));

    public Task AppendAsync(params int[] numbers) =>
        Store.AppendAsync("count-1", ExpectedVersion.Any, [.. numbers.Select(Event)], Cancellation);

    public async Task<HealthReportEntry> CheckAsync() =>
        (await host.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync(Cancellation)).Entries["eventsourcing"];

    /// <summary>Looks until the check says what it is to say.</summary>
    public async Task<HealthReportEntry> UntilAsync(HealthStatus status, Func<HealthReportEntry, bool>? isIt = null)
    {
        var until = DateTime.UtcNow + Patience;
        while (true)
        {
            var entry = await CheckAsync();
            if (entry.Status == status && isIt?.Invoke(entry) != false)
            {
                return entry;
            }

            (DateTime.UtcNow < until).Should().BeTrue(string.Create(CultureInfo.InvariantCulture, $"the check is to say {status}, not {entry.Status}: {entry.Description}"));
            await Task.Delay(10, Cancellation);
        }
    }

    public Task StopAsync() => host.StopAsync(Cancellation);

    public async ValueTask DisposeAsync()
    {
        await host.StopAsync(CancellationToken.None);
        if (host is IAsyncDisposable disposable)
        {
            await disposable.DisposeAsync();
        }
    }
}

internal static class EntryExtensions
{
    public static ConsumerHealth Of(this HealthReportEntry entry, string consumer) => (ConsumerHealth)entry.Data[consumer];
}
