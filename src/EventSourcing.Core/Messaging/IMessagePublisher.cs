namespace EventSourcing;

/// <summary>The port to a broker: hands integration messages over. An adapter moves bytes and keeps nothing.</summary>
/// <remarks>
/// At least once: after a failure the caller publishes all the messages again, with the same ids, so that a consumer may see a
/// message twice and knows it by its <see cref="PublicMessage.Id"/>. Calls may overlap; the order is kept within each call.
/// </remarks>
public interface IMessagePublisher
{
    /// <summary>Publishes messages; completes when the broker has taken responsibility for every one of them, in order.</summary>
    /// <param name="messages">The messages, in the order in which they go out; none is no error.</param>
    /// <param name="cancellationToken">Stops waiting. Messages that were sent before may have arrived.</param>
    /// <exception cref="ArgumentException">A message is null.</exception>
    /// <exception cref="MessagePublishingException">Not every message was taken over; it may be any of them. Where it
    /// <see cref="MessagePublishingException.IsTransient"/>, wait and publish all of them again.</exception>
    Task PublishAsync(IReadOnlyList<PublicMessage> messages, CancellationToken cancellationToken = default);
}
