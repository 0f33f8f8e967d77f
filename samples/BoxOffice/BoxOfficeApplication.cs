using BoxOffice.Demo;
using BoxOffice.Messages;
using BoxOffice.Payments;
using BoxOffice.Processes;
using BoxOffice.ReadModels;
using BoxOffice.Seats;
using EventSourcing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace BoxOffice;

/// <summary>The application put together.</summary>
public static class BoxOfficeApplication
{
    /// <summary>The schema of the log in PostgreSQL, and the exchange in RabbitMQ.</summary>
    public const string Schema = "box_office";

    /// <summary>Adds all parts. The host then runs projections, the process, the translator and the relay.</summary>
    public static IServiceCollection AddBoxOffice(this IServiceCollection services, BoxOfficeOptions options)
    {
        services.AddSingleton(options);
        services.AddSingleton<Evening>();
        services.TryAddSingleton<PaymentSimulator>();
        services.TryAddSingleton<IPaymentProvider>(provider => provider.GetRequiredService<PaymentSimulator>());
        services.TryAddSingleton<Timeline>();
        services.AddHostedService(provider => provider.GetRequiredService<Timeline>());

        var builder = services
            .AddEventSourcing(defaults => defaults.Reactors = new ConsumerOptions
            {
                // A provider that does not answer is asked again, as often as it takes.
                IsTransient = failure => failure is PaymentProviderException,
            })
            .AddEventsFrom(typeof(SeatHeld).Assembly)
            .AddCommandHandler<HoldSeat, SeatHandler<HoldSeat>>()
            .AddCommandHandler<RecordPayment, SeatHandler<RecordPayment>>()
            .AddCommandHandler<EndHold, SeatHandler<EndHold>>()
            .AddCommandHandler<RecordRefund, SeatHandler<RecordRefund>>()
            .AddReactor<BookingProcess>()
            .AddView<Bookings, BookingView>()
            .AddView<Shows, ShowView>()
            .AddProjection<SeatsOnTimeline>()
            .AddMessageTranslator<BookingMessages>();

        _ = options.Postgres is { } database
            ? builder.UsePostgreSql(database, store => (store.Schema, store.InstallSchemaAtStart) = (Schema, true))
            : builder.UseInMemory();

        if (options.RabbitMq is { } broker)
        {
            // Nobody need listen for the sample to run: the broker drops what no queue takes.
            builder.AddRabbitMqPublisher(broker, publisher => (publisher.Exchange, publisher.Mandatory) = (Schema, false));
        }
        else
        {
            services.TryAddSingleton<IMessagePublisher, TimelinePublisher>();
        }

        return services;
    }
}
