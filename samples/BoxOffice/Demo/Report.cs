using System.Globalization;
using BoxOffice.ReadModels;
using EventSourcing;
using Microsoft.Extensions.DependencyInjection;
using Spectre.Console;

namespace BoxOffice.Demo;

/// <summary>The read models, and how everybody who follows the log stands.</summary>
public sealed record Report(
    IReadOnlyList<BookingView> Bookings, ShowView Show, IReadOnlyList<ConsumerStatus> Consumers, PublicMessageStatus Messages)
{
    /// <summary>Reads what there is to know of a show.</summary>
    public static async Task<Report> ReadAsync(IServiceProvider services, string show, CancellationToken cancellationToken)
    {
        var messages = await services.GetRequiredService<PublicMessageRunner>().GetStatusAsync(cancellationToken);
        return new Report(
            await services.GetRequiredService<IViewReader<BookingView>>().ReadAllAsync(cancellationToken)
                .Select(booking => booking.Value)
                .Where(booking => booking.Seat.Show == show)
                .OrderBy(booking => booking.Seat.Number)
                .ToListAsync(cancellationToken),
            await services.GetRequiredService<IViewReader<ShowView>>().FindAsync(show, cancellationToken) ?? ShowView.Empty,
            [
                .. await services.GetRequiredService<ProjectionRunner>().GetStatusAsync(cancellationToken),
                .. await services.GetRequiredService<ReactorRunner>().GetStatusAsync(cancellationToken),
                .. messages.Translators,
            ],
            messages);
    }

    /// <summary>Writes tables.</summary>
    public void Write(IAnsiConsole console)
    {
        var bookings = new Table().Title("View: bookings").Border(TableBorder.Rounded).AddColumns("Seat", "Guest", "Price", "Status");
        foreach (var booking in Bookings)
        {
            bookings.AddRow(booking.Seat.Number, booking.Guest, Timeline.Money(booking.Price), booking.Status.ToString());
        }

        console.Write(bookings);

        var seats = new Table().Title("View: the show").Border(TableBorder.Rounded).AddColumns("Seat", "State");
        foreach (var (seat, state) in Show.Seats)
        {
            seats.AddRow(seat, state);
        }

        console.Write(seats.Caption($"{Timeline.Money(Show.Takings)} taken"));

        var consumers = new Table().Title("Who follows the log").Border(TableBorder.Rounded).AddColumns("Name", "State", "Position", "Behind", "Error");
        foreach (var consumer in Consumers)
        {
            consumers.AddRow(
                consumer.Name,
                consumer.State.ToString(),
                consumer.Position.ToString(),
                consumer.Lag.ToString(CultureInfo.InvariantCulture),
                Error(consumer.Error));
        }

        consumers.AddRow(
            PublicMessageRunner.RelayName,
            Messages.Relay.ToString(),
            string.Empty,
            Messages.Backlog.ToString(CultureInfo.InvariantCulture),
            Error(Messages.RelayError));
        console.Write(consumers.Caption("The relay's place is the outbox: what it has not handed over yet"));
    }

    /// <summary>The first line says it; the rest is for the log.</summary>
    private static string Error(string? error) => Markup.Escape(error?.Split('\n')[0].TrimEnd() ?? "none");
}
