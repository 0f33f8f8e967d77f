using System.Globalization;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace EventSourcing.RabbitMq;

/// <summary>
/// Publishes to RabbitMQ: persistent messages on one connection, each confirmed by the broker, which for a durable queue means
/// that it is on disk. Safe for concurrent use.
/// </summary>
/// <remarks>
/// It connects at the first call, and anew at the first call after the connection was lost; it never repeats a message by
/// itself. Calls are written one after the other and wait for their confirms together. Where the broker refuses one message,
/// later ones of the same call may have been taken already.
/// </remarks>
public sealed class RabbitMqPublisher : IMessagePublisher, IAsyncDisposable
{
    private readonly RabbitMqOptions options;
    private readonly ConnectionFactory factory;
    private readonly string address;

    // One call writes at a time: that keeps its messages together and in order.
    private readonly SemaphoreSlim turn = new(1);
    private ConfirmedChannel? current;
    private volatile bool isDisposed;

    /// <summary>Makes a publisher; does not connect.</summary>
    /// <param name="broker">The broker: <c>amqp://user:password@host:5672/virtual-host</c>, or <c>amqps</c> for TLS.</param>
    /// <param name="options">The exchange, limits and timeouts; by default as <see cref="RabbitMqOptions"/> says.</param>
    /// <exception cref="ArgumentException">An option or the address is not valid.</exception>
    public RabbitMqPublisher(Uri broker, RabbitMqOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(broker);
        this.options = (options ?? new RabbitMqOptions()).Validated();
        factory = Factory(broker, this.options);
        address = broker.Authority;
    }

    /// <inheritdoc/>
    /// <exception cref="ObjectDisposedException">The publisher is disposed.</exception>
    public async Task PublishAsync(IReadOnlyList<PublicMessage> messages, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(messages);
        ObjectDisposedException.ThrowIf(isDisposed, this);
        cancellationToken.ThrowIfCancellationRequested();
        ThrowIfUnfit(messages);
        if (messages.Count == 0)
        {
            return;
        }

        var batch = new Batch(address);
        var channel = await WriteAsync(messages, batch, cancellationToken).ConfigureAwait(false);
        try
        {
            await batch.Settled.WaitAsync(options.ConfirmTimeout, cancellationToken).ConfigureAwait(false);
        }
        catch (TimeoutException silence)
        {
            channel.Fail(silence);
        }

        if (await batch.Settled.ConfigureAwait(false) is { } failure)
        {
            throw failure;
        }
    }

    /// <summary>Closes the connection. A call that still waits for its confirms fails.</summary>
    public async ValueTask DisposeAsync()
    {
        isDisposed = true;
        Volatile.Read(ref current)?.Fail(new ObjectDisposedException(nameof(RabbitMqPublisher)));
        await turn.WaitAsync().ConfigureAwait(false);
        try
        {
            await DropAsync().ConfigureAwait(false);
        }
        finally
        {
            turn.Release();
        }
    }

    private async Task<ConfirmedChannel> WriteAsync(IReadOnlyList<PublicMessage> messages, Batch batch, CancellationToken cancellationToken)
    {
        await turn.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            ObjectDisposedException.ThrowIf(isDisposed, this);
            var channel = await OpenAsync(cancellationToken).ConfigureAwait(false);
            foreach (var message in messages)
            {
                // What follows a failure only makes more duplicates when the caller publishes all again.
                cancellationToken.ThrowIfCancellationRequested();
                if (batch.HasFailed)
                {
                    break;
                }

                await channel.SendAsync(message, batch, cancellationToken).ConfigureAwait(false);
            }

            batch.Written();
            return channel;
        }
        finally
        {
            turn.Release();
        }
    }

    private async Task<ConfirmedChannel> OpenAsync(CancellationToken cancellationToken)
    {
        if (current is { IsOpen: true } open)
        {
            return open;
        }

        await DropAsync().ConfigureAwait(false);
        using var inTime = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        inTime.CancelAfter(options.ConnectTimeout);
        try
        {
            var opened = await ConfirmedChannel.OpenAsync(factory, options, inTime.Token).ConfigureAwait(false);
            Volatile.Write(ref current, opened);
            return opened;
        }
        catch (Exception failure) when (IsOfTheBroker(failure) && !cancellationToken.IsCancellationRequested)
        {
            var reason = inTime.IsCancellationRequested ? $"no answer within {options.ConnectTimeout}." : failure.Message;
            throw new MessagePublishingException(
                $"RabbitMQ at {address} cannot be reached or does not let us publish to exchange '{options.Exchange}': {reason} "
                + "Check the address, the user's rights and the exchange.",
                inner: failure);
        }
    }

    private async Task DropAsync()
    {
        if (Interlocked.Exchange(ref current, null) is { } done)
        {
            await done.DisposeAsync().ConfigureAwait(false);
        }
    }

    private void ThrowIfUnfit(IReadOnlyList<PublicMessage> messages)
    {
        foreach (var message in messages)
        {
            if (message is null)
            {
                throw new ArgumentException("A message to publish is null.", nameof(messages));
            }

            if (message.Body.Length > options.MaxMessageBytes)
            {
                throw new MessagePublishingException(
                    string.Create(
                        CultureInfo.InvariantCulture,
                        $"Message {message.Id} of type '{message.Type}' has {message.Body.Length} bytes; at most {options.MaxMessageBytes} are published."),
                    message.Id);
            }
        }
    }

    private static ConnectionFactory Factory(Uri broker, RabbitMqOptions options)
    {
        var factory = new ConnectionFactory
        {
            Uri = broker,
            RequestedConnectionTimeout = options.ConnectTimeout,
            HandshakeContinuationTimeout = options.ConnectTimeout,
            ContinuationTimeout = options.ConnectTimeout,
        };
        options.ConfigureConnection?.Invoke(factory);

        // A channel recovered behind our back counts its confirms from 1 again: old and new would be mistaken for each other.
        factory.AutomaticRecoveryEnabled = false;
        return factory;
    }

    private static bool IsOfTheBroker(Exception failure) =>
        failure is RabbitMQClientException or IOException or TimeoutException or OperationCanceledException or System.Net.Sockets.SocketException;
}
