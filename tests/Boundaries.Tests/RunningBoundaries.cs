using System.Collections.Concurrent;
using EventSourcing;
using EventSourcing.TestInfrastructure;
using EventSourcing.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace Boundaries;

/// <summary>The application on an empty log, in memory or in PostgreSQL; there two of it, as two processes have it.</summary>
internal sealed class RunningBoundaries : IAsyncDisposable
{
    private readonly IReadOnlyList<ServiceProvider> processes;

    private RunningBoundaries(IReadOnlyList<ServiceProvider> processes) => this.processes = processes;

    public static TheoryData<bool> Stores { get; } = [false, true];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static async Task<RunningBoundaries> StartAsync(bool isPostgreSql)
    {
        if (!isPostgreSql)
        {
            return new RunningBoundaries([await BoundariesApplication.StartAsync(postgres: null, Cancellation)]);
        }

        var database = await (await PostgreSqlServer.GetAsync(Cancellation)).CreateDatabaseAsync(Cancellation);
        return new RunningBoundaries([await BoundariesApplication.StartAsync(database, Cancellation), await BoundariesApplication.StartAsync(database, Cancellation)]);
    }

    public static DecisionScenario Given(IDecision decision, params object[] events) => Scenario.For(decision.Projections).Given(events);

    public Task<CommandResult> DecideAsync(IDecision decision, CommandContext? context = null, int process = 0) =>
        processes[process % processes.Count].GetRequiredService<IRepository>().DecideAsync(decision, context, Cancellation);

    public Task RefusesAsync(IDecision decision, string reason) =>
        FluentActions.Awaiting(() => DecideAsync(decision)).Should().ThrowAsync<RefusedException>().WithMessage(reason);

    /// <summary>Makes many decisions at once.</summary>
    /// <returns>How many had events, had nothing to do, and were refused.</returns>
    public async Task<(int Done, int Nothing, int Refused)> RaceAsync(IEnumerable<IDecision> decisions)
    {
        var outcomes = new ConcurrentBag<string>();
        await Task.WhenAll(decisions.Select((decision, number) => Task.Run(
            async () =>
            {
                try
                {
                    outcomes.Add((await DecideAsync(decision, process: number)).Events.Count > 0 ? "done" : "nothing");
                }
                catch (RefusedException)
                {
                    outcomes.Add("refused");
                }
            },
            Cancellation)));
        return (outcomes.Count(one => one == "done"), outcomes.Count(one => one == "nothing"), outcomes.Count(one => one == "refused"));
    }

    /// <summary>All that has happened.</summary>
    public async Task<IReadOnlyList<object>> HistoryAsync()
    {
        var serializer = processes[0].GetRequiredService<EventSerializer>();
        var all = await processes[0].GetRequiredService<IEventStore>().QueryAsync(EventQuery.All, Cancellation);
        return [.. all.Events.Select(recorded => serializer.Deserialize(recorded).Event)];
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var process in processes)
        {
            await process.DisposeAsync();
        }
    }
}
