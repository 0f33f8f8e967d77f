namespace EventSourcing.InMemory;

/// <summary>Shows the events that consumers have given up on.</summary>
public sealed class InMemoryDeadLetterStore : IDeadLetterStore
{
    private readonly InMemoryConsumerStore consumers;

    /// <summary>Makes one beside a consumer store, which holds them.</summary>
    /// <param name="consumers">The consumer store.</param>
    public InMemoryDeadLetterStore(InMemoryConsumerStore consumers)
    {
        ArgumentNullException.ThrowIfNull(consumers);
        this.consumers = consumers;
    }

    /// <inheritdoc/>
    public Task<IReadOnlyList<DeadLetter>> ListAsync(string consumer, CancellationToken cancellationToken = default)
    {
        CheckpointName.ThrowIfInvalid(consumer);
        cancellationToken.ThrowIfCancellationRequested();
        return Task.FromResult<IReadOnlyList<DeadLetter>>([.. consumers.Letters().Where(letter => letter.Consumer == consumer)]);
    }

    /// <inheritdoc/>
    public Task<bool> RemoveAsync(string consumer, LogPosition position, CancellationToken cancellationToken = default)
    {
        CheckpointName.ThrowIfInvalid(consumer);
        cancellationToken.ThrowIfCancellationRequested();
        return Task.FromResult(consumers.RemoveLetters(consumer, one => one == position) > 0);
    }

    /// <inheritdoc/>
    public Task<IReadOnlyList<DeadLetterCount>> CountAsync(CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return Task.FromResult<IReadOnlyList<DeadLetterCount>>(
        [
            .. consumers.Letters()
                .GroupBy(letter => letter.Consumer, StringComparer.Ordinal)
                .Select(group => new DeadLetterCount(group.Key, group.LongCount(), group.Min(letter => letter.ParkedAt)))
                .OrderBy(count => count.Consumer, StringComparer.Ordinal),
        ]);
    }
}
