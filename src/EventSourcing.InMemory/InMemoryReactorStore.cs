namespace EventSourcing.InMemory;

/// <summary>Keeps receipts and messages of reactors in memory.</summary>
/// <remarks>All of it changes under the lock of the consumer store: together with the position that it belongs to.</remarks>
public sealed class InMemoryReactorStore : IReactorStore
{
    private readonly InMemoryConsumerStore consumers;
    private readonly TimeProvider time;
    private readonly Dictionary<(string Reactor, Guid Id), (LogPosition Position, DateTimeOffset At)> receipts = [];
    private readonly Dictionary<(string Reactor, string Key), (ScheduledMessage Message, DateTimeOffset Next)> messages = [];

    /// <summary>Makes an empty one.</summary>
    /// <param name="consumers">Where the reactors' positions are kept.</param>
    /// <param name="time">The clock by which messages are due; the system's by default.</param>
    public InMemoryReactorStore(InMemoryConsumerStore consumers, TimeProvider? time = null)
    {
        ArgumentNullException.ThrowIfNull(consumers);
        this.consumers = consumers;
        this.time = time ?? TimeProvider.System;
    }

    /// <inheritdoc/>
    public Task<ReactorCursor> LoadAsync(ConsumerLease lease, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(lease);
        cancellationToken.ThrowIfCancellationRequested();
        return Answer(() => consumers.While(lease, position => new ReactorCursor(
            position,
            receipts.Where(one => one.Key.Reactor == lease.Key.Consumer).Select(one => one.Value.Position).DefaultIfEmpty().Max())));
    }

    /// <inheritdoc/>
    public Task<IReadOnlySet<Guid>> FindReceiptsAsync(
        string reactor, LogPosition after, LogPosition upTo, CancellationToken cancellationToken = default)
    {
        CheckpointName.ThrowIfInvalid(reactor);
        cancellationToken.ThrowIfCancellationRequested();
        return Answer(() => consumers.Between<IReadOnlySet<Guid>>(reactor, _ => receipts
            .Where(one => one.Key.Reactor == reactor && one.Value.Position > after && one.Value.Position <= upTo)
            .Select(one => one.Key.Id)
            .ToHashSet()));
    }

    /// <inheritdoc/>
    public Task MoveAsync(ConsumerLease lease, EventPage page, ReactorOutcome? outcome, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(lease);
        ArgumentNullException.ThrowIfNull(page);
        cancellationToken.ThrowIfCancellationRequested();
        return Answer(() =>
        {
            consumers.Move(lease, page, () =>
            {
                if (outcome is not null)
                {
                    Keep(lease.Key.Consumer, outcome);
                }
            });
            return true;
        });
    }

    /// <inheritdoc/>
    public Task<DueMessage?> FindNextMessageAsync(ConsumerLease lease, TimeSpan within, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(lease);
        cancellationToken.ThrowIfCancellationRequested();
        return Answer(() => consumers.While(lease, _ =>
        {
            var now = time.GetUtcNow();
            return messages.Values
                .Where(one => one.Message is { ParkedAt: null } message && message.Reactor == lease.Key.Consumer
                    && lease.Key.Shard.Contains(message.Stream) && one.Next <= now + within)
                .OrderBy(one => one.Next)
                .Select(one => new DueMessage(one.Message, one.Next - now))
                .FirstOrDefault();
        }));
    }

    /// <inheritdoc/>
    public Task SettleMessageAsync(
        ConsumerLease lease, ScheduledMessage message, ReactorOutcome outcome, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(lease);
        ArgumentNullException.ThrowIfNull(message);
        ArgumentNullException.ThrowIfNull(outcome);
        cancellationToken.ThrowIfCancellationRequested();
        return Answer(() => consumers.While(lease, _ =>
        {
            Remove(message.Reactor, message.Id);
            Keep(message.Reactor, outcome);
            return true;
        }));
    }

    /// <inheritdoc/>
    public Task PostponeMessageAsync(
        ConsumerLease lease, ScheduledMessage message, TimeSpan? pause, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(lease);
        ArgumentNullException.ThrowIfNull(message);
        cancellationToken.ThrowIfCancellationRequested();
        return Answer(() => consumers.While(lease, _ => Replace(message.Reactor, message.Id, one =>
        {
            var now = time.GetUtcNow();
            return (one with { Attempts = message.Attempts, Error = message.Error, ParkedAt = pause is null ? now : null }, now + (pause ?? TimeSpan.Zero));
        })));
    }

    /// <inheritdoc/>
    public Task<IReadOnlyList<ScheduledMessage>> ListMessagesAsync(string reactor, CancellationToken cancellationToken = default)
    {
        CheckpointName.ThrowIfInvalid(reactor);
        cancellationToken.ThrowIfCancellationRequested();
        return Answer(() => consumers.Between<IReadOnlyList<ScheduledMessage>>(
            reactor, _ => [.. messages.Values.Select(one => one.Message).Where(message => message.Reactor == reactor).OrderBy(message => message.DueAt)]));
    }

    /// <inheritdoc/>
    public Task<bool> RetryMessageAsync(string reactor, Guid id, CancellationToken cancellationToken = default)
    {
        CheckpointName.ThrowIfInvalid(reactor);
        cancellationToken.ThrowIfCancellationRequested();
        return Answer(() => consumers.Between(reactor, _ => Replace(reactor, id, one =>
            one.ParkedAt is null ? null : (one with { Attempts = 0, ParkedAt = null }, time.GetUtcNow()))));
    }

    /// <inheritdoc/>
    public Task<bool> RemoveMessageAsync(string reactor, Guid id, CancellationToken cancellationToken = default)
    {
        CheckpointName.ThrowIfInvalid(reactor);
        cancellationToken.ThrowIfCancellationRequested();
        return Answer(() => consumers.Between(reactor, _ => Remove(reactor, id)));
    }

    /// <inheritdoc/>
    public Task<bool> SettleDeadLetterAsync(DeadLetter letter, ReactorOutcome outcome, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(letter);
        ArgumentNullException.ThrowIfNull(outcome);
        cancellationToken.ThrowIfCancellationRequested();
        return Answer(() => consumers.Between(letter.Consumer, _ =>
        {
            var isThere = consumers.RemoveLetters(letter.Consumer, position => position == letter.Position) > 0;
            if (isThere)
            {
                Keep(letter.Consumer, outcome);
            }

            return isThere;
        }));
    }

    /// <inheritdoc/>
    public Task<bool> ResetAsync(string reactor, LogPosition position, CancellationToken cancellationToken = default)
    {
        CheckpointName.ThrowIfInvalid(reactor);
        cancellationToken.ThrowIfCancellationRequested();
        return Answer(() => consumers.Between(reactor, lowest =>
        {
            consumers.MoveBack(reactor, position);
            consumers.RemoveLetters(reactor, one => one > position);
            Forget(receipts, one => one.Key.Reactor == reactor && one.Value.Position > position);
            Forget(messages, one => one.Key.Reactor == reactor && one.Value.Message.Position > position);
            return lowest is not null;
        }));
    }

    /// <inheritdoc/>
    public Task PruneReceiptsAsync(string reactor, TimeSpan olderThan, CancellationToken cancellationToken = default)
    {
        CheckpointName.ThrowIfInvalid(reactor);
        cancellationToken.ThrowIfCancellationRequested();
        return Answer(() => consumers.Between(reactor, lowest =>
        {
            var before = time.GetUtcNow() - olderThan;
            Forget(receipts, one => one.Key.Reactor == reactor && one.Value.Position <= lowest && one.Value.At < before);
            return true;
        }));
    }

    // What is refused is refused through the task, as by any other store.
    private static Task<T> Answer<T>(Func<T> work)
    {
        try
        {
            return Task.FromResult(work());
        }
        catch (LeaseLostException lost)
        {
            return Task.FromException<T>(lost);
        }
    }

    private static void Forget<TKey, TValue>(Dictionary<TKey, TValue> rows, Func<KeyValuePair<TKey, TValue>, bool> which)
        where TKey : notnull
    {
        foreach (var (key, _) in rows.Where(which).ToArray())
        {
            rows.Remove(key);
        }
    }

    private void Keep(string reactor, ReactorOutcome outcome)
    {
        receipts[(reactor, outcome.Receipt)] = (outcome.Position, time.GetUtcNow());
        foreach (var key in outcome.Cancelled)
        {
            messages.Remove((reactor, key));
        }

        foreach (var message in outcome.Scheduled)
        {
            messages[(reactor, message.Key)] = (message, message.DueAt);
        }
    }

    private bool Remove(string reactor, Guid id) => Find(reactor, id) is { } key && messages.Remove(key);

    private bool Replace(string reactor, Guid id, Func<ScheduledMessage, (ScheduledMessage Message, DateTimeOffset Next)?> change)
    {
        if (Find(reactor, id) is not { } key || change(messages[key].Message) is not { } changed)
        {
            return false;
        }

        messages[key] = changed;
        return true;
    }

    private (string Reactor, string Key)? Find(string reactor, Guid id) => messages
        .Where(one => one.Key.Reactor == reactor && one.Value.Message.Id == id)
        .Select(one => ((string Reactor, string Key)?)one.Key)
        .FirstOrDefault();
}
