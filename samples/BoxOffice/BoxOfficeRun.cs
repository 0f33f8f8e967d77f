using BoxOffice.Demo;
using BoxOffice.ReadModels;
using EventSourcing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Spectre.Console;

namespace BoxOffice;

/// <summary>One run of the sample: an evening at the box office, and how everything stands afterwards.</summary>
public static class BoxOfficeRun
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <summary>Runs it.</summary>
    /// <returns>Whether everything came to its end; not while the broker is away, for instance.</returns>
    public static async Task<bool> ExecuteAsync(BoxOfficeOptions options, IAnsiConsole console, CancellationToken cancellationToken)
    {
        var builder = Host.CreateApplicationBuilder();

        // The timeline shows failures that pass, and the caller is told of a failed start: only what needs somebody is logged.
        builder.Logging.SetMinimumLevel(LogLevel.Error).AddFilter("Microsoft.Extensions.Hosting", LogLevel.None);
        builder.Services.AddSingleton(console).AddBoxOffice(options);
        using var host = builder.Build();
        await host.StartAsync(cancellationToken);
        Report report;
        bool isDone;
        try
        {
            var evening = host.Services.GetRequiredService<Evening>();
            await evening.PlayAsync(cancellationToken);
            isDone = await WaitForTheEndAsync(host.Services, evening.Show, cancellationToken);
            report = await Report.ReadAsync(host.Services, evening.Show, cancellationToken);
        }
        finally
        {
            await host.StopAsync(CancellationToken.None);
        }

        report.Write(console);
        return isDone;
    }

    private static async Task<bool> WaitForTheEndAsync(IServiceProvider services, string show, CancellationToken cancellationToken)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(Patience);
        try
        {
            await WaitForAllAsync(services, patience.Token);
            await WaitForBookingsAsync(services, show, patience.Token);
            await WaitForAllAsync(services, patience.Token);
            return true;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return false;
        }
    }

    /// <summary>Until the process has done what it has to do: let go what nobody paid, refund what came too late.</summary>
    private static async Task WaitForBookingsAsync(IServiceProvider services, string show, CancellationToken cancellationToken)
    {
        var bookings = services.GetRequiredService<IViewReader<BookingView>>();
        while (await bookings.ReadAllAsync(cancellationToken).AnyAsync(
            booking => booking.Value.Seat.Show == show && booking.Value.Status is BookingStatus.Held or BookingStatus.PaidTooLate, cancellationToken))
        {
            await Task.Delay(100, cancellationToken);
        }
    }

    /// <summary>Until everybody who follows the log has seen what it holds now.</summary>
    private static async Task WaitForAllAsync(IServiceProvider services, CancellationToken cancellationToken)
    {
        var head = (await services.GetRequiredService<IEventStore>().GetHeadAsync(cancellationToken)).Final;
        await services.GetRequiredService<ProjectionRunner>().WaitForAsync("bookings", head, cancellationToken);
        await services.GetRequiredService<ProjectionRunner>().WaitForAsync("shows", head, cancellationToken);
        await services.GetRequiredService<ReactorRunner>().WaitForAsync("booking-process", head, cancellationToken);
        await services.GetRequiredService<PublicMessageRunner>().WaitForAsync(head, cancellationToken);
    }
}
