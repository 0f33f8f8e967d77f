using RabbitMQ.Client;

namespace EventSourcing.RabbitMq;

/// <summary>How a publisher uses its broker.</summary>
public sealed class RabbitMqOptions
{
    /// <summary>The exchange that messages go to, with their topic as the routing key; <c>events</c> by default.</summary>
    public string Exchange { get; set; } = "events";

    /// <summary>Whether the publisher declares the exchange, durable and of type <c>topic</c>, whenever it connects; on by
    /// default. Off, the exchange is there already, of whatever type.</summary>
    public bool DeclareExchange { get; set; } = true;

    /// <summary>Whether some queue must take each message; on by default, so that nothing is lost for want of a binding: a
    /// message that no queue takes is refused. Off, the broker drops it and confirms it.</summary>
    public bool Mandatory { get; set; } = true;

    /// <summary>How many messages may be on their way without having been confirmed, all calls together; 1 to 65,535, 500 by
    /// default.</summary>
    public int MaxUnconfirmed { get; set; } = 500;

    /// <summary>The most bytes of one message's body; 16 MiB by default. No more than the broker's <c>max_message_size</c>: a
    /// larger message closes the channel under all others.</summary>
    public int MaxMessageBytes { get; set; } = 16 * 1024 * 1024;

    /// <summary>How long connecting may take, the exchange's declaration included; 10 s by default.</summary>
    public TimeSpan ConnectTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>How long the broker may go without confirming what it was sent; 30 s by default. Then the connection is given
    /// up, as lost.</summary>
    public TimeSpan ConfirmTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Changes the client's own settings, for instance certificates, the names of a cluster's nodes, or the
    /// connection's name. Automatic recovery stays off whatever it says: the publisher reconnects by itself.</summary>
    public Action<ConnectionFactory>? ConfigureConnection { get; set; }

    internal RabbitMqOptions Validated()
    {
        ArgumentException.ThrowIfNullOrEmpty(Exchange);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(System.Text.Encoding.UTF8.GetByteCount(Exchange), PublicMessage.MaxNameBytes, nameof(Exchange));
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxUnconfirmed, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(MaxUnconfirmed, ushort.MaxValue);
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxMessageBytes, 1);
        ThrowIfNoTimeout(ConnectTimeout, nameof(ConnectTimeout));
        ThrowIfNoTimeout(ConfirmTimeout, nameof(ConfirmTimeout));
        return this;
    }

    private static void ThrowIfNoTimeout(TimeSpan value, string name)
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(value, TimeSpan.Zero, name);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(value, TimeSpan.FromDays(1), name);
    }
}
