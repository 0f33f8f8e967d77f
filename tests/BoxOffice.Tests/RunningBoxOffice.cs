using BoxOffice.Demo;
using BoxOffice.Payments;
using BoxOffice.ReadModels;
using BoxOffice.Seats;
using EventSourcing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Spectre.Console;

namespace BoxOffice;

/// <summary>The application in a host, as a process has it. Provider and broker are others' and go on when it ends.</summary>
internal sealed class RunningBoxOffice : IAsyncDisposable
{
    private readonly IHost host;

    private RunningBoxOffice(IHost host) => this.host = host;

    public static IAnsiConsole Silent { get; } = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(TextWriter.Null) });

    public ReactorRunner Reactors => host.Services.GetRequiredService<ReactorRunner>();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static PaymentSimulator NewProvider() => new(new Timeline(Silent, TimeProvider.System));

    public static async Task<RunningBoxOffice> StartAsync(string? database, PaymentSimulator provider, IMessagePublisher publisher)
    {
        var builder = Host.CreateApplicationBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddSingleton(Silent).AddSingleton(provider).AddSingleton(publisher).AddBoxOffice(new BoxOfficeOptions(database, null));
        var host = builder.Build();
        await host.StartAsync(Cancellation);
        return new RunningBoxOffice(host);
    }

    public Task<CommandResult> SendAsync<TCommand>(TCommand command)
        where TCommand : SeatCommand => host.Services.GetRequiredService<ICommandDispatcher>().DispatchAsync(command, null, Cancellation);

    /// <summary>Waits until the read model shows a booking in a state.</summary>
    public Task UntilAsync(Guid booking, BookingStatus status) => UntilAsync(async () =>
        (await host.Services.GetRequiredService<IViewReader<BookingView>>().FindAsync(booking.ToString(), Cancellation))?.Status == status);

    /// <summary>Waits until everybody has seen the whole log, and what is to be told has been told.</summary>
    public async Task UntilQuietAsync()
    {
        var head = (await host.Services.GetRequiredService<IEventStore>().GetHeadAsync(Cancellation)).Final;
        await Reactors.WaitForAsync("booking-process", head, Cancellation);
        await host.Services.GetRequiredService<ProjectionRunner>().WaitForAsync("shows", head, Cancellation);
        await host.Services.GetRequiredService<PublicMessageRunner>().WaitForAsync(head, Cancellation);
    }

    public static async Task UntilAsync(Func<Task<bool>> isTrue)
    {
        for (var start = DateTime.UtcNow; !await isTrue(); await Task.Delay(20, Cancellation))
        {
            (DateTime.UtcNow - start).Should().BeLessThan(TimeSpan.FromSeconds(30));
        }
    }

    public Task<ShowView?> FindShowAsync(string show) => host.Services.GetRequiredService<IViewReader<ShowView>>().FindAsync(show, Cancellation);

    /// <summary>All that has happened to a seat.</summary>
    public async Task<IReadOnlyList<EventEnvelope>> HistoryAsync(SeatId seat)
    {
        var serializer = host.Services.GetRequiredService<EventSerializer>();
        return await host.Services.GetRequiredService<IEventStore>()
            .ReadStreamAsync(seat.Stream, cancellationToken: Cancellation)
            .Select(serializer.Deserialize)
            .ToListAsync(Cancellation);
    }

    public async ValueTask DisposeAsync()
    {
        await host.StopAsync(CancellationToken.None);
        host.Dispose();
    }
}
