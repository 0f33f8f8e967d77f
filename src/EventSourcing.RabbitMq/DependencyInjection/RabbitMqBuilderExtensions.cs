using EventSourcing;
using EventSourcing.RabbitMq;
using RabbitMQ.Client;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>RabbitMQ in an application.</summary>
public static class RabbitMqBuilderExtensions
{
    /// <summary>Makes RabbitMQ the broker to which the application publishes: one <see cref="RabbitMqPublisher"/>, also to be
    /// asked for as <see cref="IMessagePublisher"/>. It connects when it first publishes.</summary>
    /// <param name="builder">The builder.</param>
    /// <param name="broker">The broker: <c>amqp://user:password@host:5672/virtual-host</c>, or <c>amqps</c> for TLS.</param>
    /// <param name="configure">Changes the exchange, limits and timeouts.</param>
    /// <returns>The builder.</returns>
    /// <exception cref="ArgumentException">An option or the address is not valid.</exception>
    /// <exception cref="InvalidOperationException">A publisher is chosen already.</exception>
    public static EventSourcingBuilder AddRabbitMqPublisher(
        this EventSourcingBuilder builder, Uri broker, Action<RabbitMqOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(broker);
        var options = new RabbitMqOptions();
        configure?.Invoke(options);
        options.Validated();
        _ = new ConnectionFactory { Uri = broker };
        if (builder.Services.Any(service => service.ServiceType == typeof(IMessagePublisher)))
        {
            throw new InvalidOperationException("A message publisher is chosen already; an application has one.");
        }

        builder.Services.AddSingleton(_ => new RabbitMqPublisher(broker, options));
        builder.Services.AddSingleton<IMessagePublisher>(provider => provider.GetRequiredService<RabbitMqPublisher>());
        return builder;
    }
}
