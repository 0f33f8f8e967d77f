namespace EventSourcing.InMemory;

/// <summary>Keeps public messages in memory until they are published: the same way as in a database, for tests.</summary>
public sealed class InMemoryOutbox : IOutbox
{
    private readonly InMemoryConsumerStore consumers;
    private readonly TimeProvider time;
    private readonly Lock gate = new();
    private readonly SortedDictionary<long, Entry> entries = [];
    private long last;

    /// <summary>Makes an empty one.</summary>
    /// <param name="consumers">Where the translators' checkpoints are kept.</param>
    /// <param name="time">The clock of ages; the system's by default.</param>
    public InMemoryOutbox(InMemoryConsumerStore consumers, TimeProvider? time = null)
    {
        ArgumentNullException.ThrowIfNull(consumers);
        this.consumers = consumers;
        this.time = time ?? TimeProvider.System;
    }

    /// <inheritdoc/>
    public Task<LogPosition> LoadPositionAsync(ConsumerLease lease, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return Task.FromResult(consumers.PositionOf(lease));
    }

    /// <inheritdoc/>
    public Task WriteAsync(ConsumerLease lease, EventPage page, IReadOnlyList<PublicMessage> messages, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        consumers.Move(lease, page, () =>
        {
            lock (gate)
            {
                var known = entries.Values.Select(entry => entry.Message.Id).ToHashSet();
                foreach (var message in messages.Where(message => known.Add(message.Id)))
                {
                    entries.Add(++last, new Entry(message, time.GetUtcNow()));
                }
            }
        });
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task<IReadOnlyList<OutboxMessage>> ReadAsync(ConsumerLease lease, int count, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        _ = consumers.PositionOf(lease);
        lock (gate)
        {
            return Task.FromResult<IReadOnlyList<OutboxMessage>>(
                [.. Waiting.Take(count).Select(entry => new OutboxMessage(entry.Key, entry.Value.Message))]);
        }
    }

    /// <inheritdoc/>
    public Task RemoveAsync(ConsumerLease lease, IReadOnlyCollection<long> numbers, CancellationToken cancellationToken = default) =>
        ChangeAsync(lease, () =>
        {
            foreach (var number in numbers)
            {
                entries.Remove(number);
            }
        }, cancellationToken);

    /// <inheritdoc/>
    public Task ParkAsync(ConsumerLease lease, long number, string error, int attempts, CancellationToken cancellationToken = default) =>
        ChangeAsync(lease, () =>
        {
            if (entries.TryGetValue(number, out var entry))
            {
                entries[number] = entry with { Parked = new ParkedMessage(entry.Message, error, attempts, time.GetUtcNow()) };
            }
        }, cancellationToken);

    /// <inheritdoc/>
    public Task<IReadOnlyList<ParkedMessage>> ReadParkedAsync(int count, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        lock (gate)
        {
            return Task.FromResult<IReadOnlyList<ParkedMessage>>([.. entries.Values.Select(entry => entry.Parked).OfType<ParkedMessage>().Take(count)]);
        }
    }

    /// <inheritdoc/>
    public Task<bool> SettleParkedAsync(Guid messageId, bool isDiscarded, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        lock (gate)
        {
            foreach (var (number, entry) in entries.Where(entry => entry.Value.Parked is not null && entry.Value.Message.Id == messageId).ToArray())
            {
                if (isDiscarded)
                {
                    entries.Remove(number);
                }
                else
                {
                    entries[number] = entry with { Parked = null };
                }

                return Task.FromResult(true);
            }
        }

        return Task.FromResult(false);
    }

    /// <inheritdoc/>
    public Task<OutboxBacklog> ReadBacklogAsync(CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        lock (gate)
        {
            var waiting = Waiting.ToArray();
            return Task.FromResult(waiting.Length == 0
                ? new OutboxBacklog(0, TimeSpan.Zero, entries.Count, 0, 0)
                : new OutboxBacklog(
                    waiting.Length, time.GetUtcNow() - waiting[0].Value.WrittenAt, entries.Count - waiting.Length, waiting[0].Key, waiting[^1].Key));
        }
    }

    private IEnumerable<KeyValuePair<long, Entry>> Waiting => entries.Where(entry => entry.Value.Parked is null);

    private Task ChangeAsync(ConsumerLease lease, Action change, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        consumers.While(lease, _ =>
        {
            lock (gate)
            {
                change();
                return true;
            }
        });
        return Task.CompletedTask;
    }

    private sealed record Entry(PublicMessage Message, DateTimeOffset WrittenAt)
    {
        public ParkedMessage? Parked { get; init; }
    }
}
