using BenchmarkDotNet.Attributes;
using Microsoft.Extensions.DependencyInjection;

namespace EventSourcing.Benchmarks;

/// <summary>A command on its way to its handler.</summary>
public class DispatchBenchmarks
{
    private readonly Ping ping = new();
    private readonly CommandContext context = new();
    private ICommandDispatcher dispatcher = null!;

    /// <summary>Puts an application together.</summary>
    [GlobalSetup]
    public void SetUp()
    {
        var services = new ServiceCollection();
        services.AddEventSourcing().UseInMemory().AddCommandHandler<Ping, PingHandler>();
        dispatcher = services.BuildServiceProvider().GetRequiredService<ICommandDispatcher>();
    }

    /// <summary>To a handler that does nothing.</summary>
    [Benchmark]
    public Task<CommandResult> Dispatch() => dispatcher.DispatchAsync(ping, context);

    private sealed record Ping;

    private sealed class PingHandler : ICommandHandler<Ping>
    {
        private static readonly CommandResult Nothing = new(LogPosition.Start, [], []);

        public Task<CommandResult> HandleAsync(Ping command, CommandContext context, CancellationToken cancellationToken = default) => Task.FromResult(Nothing);
    }
}
