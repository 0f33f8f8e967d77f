using RabbitMQ.Client;
using RabbitMQ.Client.Events;

namespace EventSourcing.RabbitMq;

/// <summary>
/// One connection with one channel, and which of its messages the broker has not answered for. Once it has failed it stays so;
/// the publisher opens another.
/// </summary>
/// <remarks>
/// The client could track confirms itself, but for that it adds a header of its own to every message, which consumers see.
/// </remarks>
internal sealed class ConfirmedChannel : IAsyncDisposable
{
    private static readonly TimeSpan ClosingTime = TimeSpan.FromSeconds(2);

    private readonly IConnection connection;
    private readonly IChannel channel;
    private readonly RabbitMqOptions options;
    private readonly SemaphoreSlim room;
    private readonly Lock gate = new();
    private readonly Dictionary<ulong, Sent> unconfirmed = [];
    private readonly List<Guid> returned = [];
    private Exception? failure;

    // The broker counts the messages of a channel from 1 on, and so do we: it answers with these numbers.
    private ulong next = 1;
    private ulong oldest = 1;

    private ConfirmedChannel(IConnection connection, IChannel channel, RabbitMqOptions options)
    {
        this.connection = connection;
        this.channel = channel;
        this.options = options;
        room = new SemaphoreSlim(options.MaxUnconfirmed);
        channel.BasicAcksAsync += OnAckAsync;
        channel.BasicNacksAsync += OnNackAsync;
        channel.BasicReturnAsync += OnReturnAsync;
        channel.ChannelShutdownAsync += OnShutdownAsync;
    }

    public bool IsOpen => Volatile.Read(ref failure) is null && channel.IsOpen;

    public static async Task<ConfirmedChannel> OpenAsync(ConnectionFactory factory, RabbitMqOptions options, CancellationToken cancellationToken)
    {
        var connection = await ConnectAsync(factory, cancellationToken).ConfigureAwait(false);
        try
        {
            var confirms = new CreateChannelOptions(publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: false);
            var channel = await connection.CreateChannelAsync(confirms, cancellationToken).ConfigureAwait(false);
            if (options.DeclareExchange)
            {
                await channel.ExchangeDeclareAsync(options.Exchange, ExchangeType.Topic, durable: true, cancellationToken: cancellationToken).ConfigureAwait(false);
            }

            return new ConfirmedChannel(connection, channel, options);
        }
        catch
        {
            await CloseAsync(connection).ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Writes one message; the batch hears what becomes of it. Never called by two at a time.</summary>
    public async Task SendAsync(PublicMessage message, Batch batch, CancellationToken cancellationToken)
    {
        if (!await room.WaitAsync(options.ConfirmTimeout, cancellationToken).ConfigureAwait(false))
        {
            Fail(new TimeoutException("The broker has confirmed nothing for too long."));
        }

        lock (gate)
        {
            if (failure is not null)
            {
                batch.NotSent(failure);
                return;
            }

            batch.Sending();
            unconfirmed.Add(next++, new Sent(message.Id, batch));
        }

        try
        {
            // With room in the client's buffer this completes at once. Without, the broker does not read, and may not for long.
            var writing = channel.BasicPublishAsync(
                options.Exchange, message.Topic, options.Mandatory, MessageProperties.Of(message), message.Body, CancellationToken.None);
            if (!writing.IsCompletedSuccessfully)
            {
                await writing.AsTask().WaitAsync(options.ConfirmTimeout, cancellationToken).ConfigureAwait(false);
            }
        }
        catch (Exception unwritten)
        {
            // Whether the broker counts this message is not known, so its numbers mean nothing any more.
            Fail(unwritten);
            if (unwritten is OperationCanceledException)
            {
                throw;
            }
        }
    }

    /// <summary>Gives the channel up: nothing unconfirmed will be confirmed.</summary>
    public void Fail(Exception cause)
    {
        lock (gate)
        {
            if (failure is null)
            {
                Volatile.Write(ref failure, cause);
                foreach (var sent in unconfirmed.Values)
                {
                    sent.Batch.Lost(cause);
                }

                room.Release(unconfirmed.Count + 1);
                unconfirmed.Clear();
            }
        }
    }

    public ValueTask DisposeAsync()
    {
        Fail(new ObjectDisposedException(nameof(RabbitMqPublisher)));
        return CloseAsync(connection);
    }

    private static async Task<IConnection> ConnectAsync(ConnectionFactory factory, CancellationToken cancellationToken)
    {
        // Where the other side accepts and then says nothing, the client ends seconds after it was told to: nobody waits for that.
        var connecting = factory.CreateConnectionAsync(cancellationToken);
        try
        {
            return await connecting.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch
        {
            _ = CloseLateAsync(connecting);
            throw;
        }
    }

    private static async Task CloseLateAsync(Task<IConnection> connecting)
    {
        await ((Task)connecting).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (connecting.IsCompletedSuccessfully)
        {
            await CloseAsync(await connecting.ConfigureAwait(false)).ConfigureAwait(false);
        }
    }

    private static async ValueTask CloseAsync(IConnection connection)
    {
        // The client's own time limit ends the wait for the broker's farewell, not the one for its own loops.
        await connection.AbortAsync(ClosingTime).WaitAsync(ClosingTime).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await connection.DisposeAsync().AsTask().WaitAsync(ClosingTime).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private Task OnAckAsync(object sender, BasicAckEventArgs ack) => AnswerAsync(ack.DeliveryTag, ack.Multiple, isTaken: true);

    private Task OnNackAsync(object sender, BasicNackEventArgs nack) => AnswerAsync(nack.DeliveryTag, nack.Multiple, isTaken: false);

    // A message that no queue takes comes back first and is confirmed after that.
    private Task OnReturnAsync(object sender, BasicReturnEventArgs comingBack)
    {
        lock (gate)
        {
            returned.Add(Guid.Parse(comingBack.BasicProperties.MessageId!));
        }

        return Task.CompletedTask;
    }

    private Task OnShutdownAsync(object sender, ShutdownEventArgs reason)
    {
        Fail(reason.Exception ?? new IOException($"The broker or the network ended it ({reason.ReplyCode}: {reason.ReplyText})."));
        return Task.CompletedTask;
    }

    private Task AnswerAsync(ulong number, bool multiple, bool isTaken)
    {
        lock (gate)
        {
            if (!multiple)
            {
                Answer(number, isTaken);
                return Task.CompletedTask;
            }

            for (; oldest <= number; oldest++)
            {
                Answer(oldest, isTaken);
            }
        }

        return Task.CompletedTask;
    }

    private void Answer(ulong number, bool isTaken)
    {
        if (!unconfirmed.Remove(number, out var sent))
        {
            return;
        }

        room.Release();
        if (!isTaken)
        {
            sent.Batch.Rejected();
        }
        else if (returned.Count > 0 && returned.Remove(sent.Id))
        {
            sent.Batch.Unroutable(sent.Id);
        }
        else
        {
            sent.Batch.Confirmed();
        }
    }

    private readonly record struct Sent(Guid Id, Batch Batch);
}
