namespace EventSourcing.InMemory;

/// <summary>Keeps in memory what several runners agree on: who runs what, how far it is, what it has parked.</summary>
public sealed class InMemoryConsumerStore : IConsumerStore
{
    private readonly Lock gate = new();
    private readonly TimeProvider time;
    private readonly Dictionary<ConsumerKey, (ConsumerRow Row, DateTimeOffset Until)> rows = [];
    private readonly Dictionary<Guid, (ConsumerProcess Process, DateTimeOffset Until)> processes = [];

    /// <summary>Makes an empty one.</summary>
    /// <param name="time">The clock of the leases; the system's by default.</param>
    public InMemoryConsumerStore(TimeProvider? time = null) => this.time = time ?? TimeProvider.System;

    /// <inheritdoc/>
    public Task<ConsumerBoard> ReadAsync(string? consumer = null, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        lock (gate)
        {
            return Task.FromResult(Board(consumer));
        }
    }

    /// <inheritdoc/>
    public Task<ConsumerBoard> ChangeAsync(Func<ConsumerBoard, ConsumerBoardChange> change, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(change);
        cancellationToken.ThrowIfCancellationRequested();
        lock (gate)
        {
            Apply(change(Board(consumer: null)));
            return Task.FromResult(Board(consumer: null));
        }
    }

    /// <inheritdoc/>
    public Task<bool> TryPromoteAsync(string consumer, int generation, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(consumer);
        cancellationToken.ThrowIfCancellationRequested();
        lock (gate)
        {
            var built = rows.Where(one => one.Key.Consumer == consumer && one.Key.Generation == generation && one.Value.Row.Role == ConsumerRole.Building).ToArray();
            var serving = rows.Where(one => one.Key.Consumer == consumer && one.Value.Row.Role == ConsumerRole.Serving).ToArray();
            if (built.Length == 0 || (serving.Length > 0 && built.Min(one => one.Value.Row.Position) < serving.Max(one => one.Value.Row.Position)))
            {
                return Task.FromResult(false);
            }

            foreach (var (key, _) in serving)
            {
                rows.Remove(key);
            }

            foreach (var (key, (row, until)) in built)
            {
                rows[key] = (row with { Role = ConsumerRole.Serving, Epoch = row.Epoch + 1 }, until);
            }

            return Task.FromResult(true);
        }
    }

    /// <summary>Where a consumer stands.</summary>
    /// <exception cref="LeaseLostException">The lease is another's by now.</exception>
    internal LogPosition PositionOf(ConsumerLease lease)
    {
        lock (gate)
        {
            return Held(lease).Row.Position;
        }
    }

    /// <summary>Moves a consumer to the end of a page, and does what belongs to it in the same moment.</summary>
    /// <exception cref="LeaseLostException">The lease is another's by now, or the consumer stands elsewhere; nothing is done.</exception>
    internal void Move(ConsumerLease lease, EventPage page, Action write)
    {
        lock (gate)
        {
            var (row, until) = Held(lease);
            if (row.Position != page.From)
            {
                throw new LeaseLostException(lease.Key);
            }

            write();
            rows[lease.Key] = (row with { Position = page.To }, until);
        }
    }

    /// <summary>Does something for which the lease is the right.</summary>
    /// <exception cref="LeaseLostException">The lease is another's by now; nothing is done.</exception>
    internal void WhileHeld(ConsumerLease lease, Action write)
    {
        lock (gate)
        {
            _ = Held(lease);
            write();
        }
    }

    /// <summary>Does something to the serving generation of a consumer, while nobody else writes it.</summary>
    internal void Interrupt(string consumer, Action<ConsumerRow> write)
    {
        lock (gate)
        {
            foreach (var (key, (row, until)) in rows.Where(one => one.Key.Consumer == consumer && one.Value.Row.Role == ConsumerRole.Serving).ToArray())
            {
                rows[key] = (row with { Epoch = row.Epoch + 1 }, until);
                write(row);
            }
        }
    }

    /// <summary>Which generation readers see; null before there is one.</summary>
    internal int? ServingGeneration(string consumer)
    {
        lock (gate)
        {
            return rows.Values.Where(one => one.Row.Key.Consumer == consumer && one.Row.Role == ConsumerRole.Serving)
                .Select(one => (int?)one.Row.Key.Generation)
                .FirstOrDefault();
        }
    }

    private (ConsumerRow Row, DateTimeOffset Until) Held(ConsumerLease lease) =>
        rows.TryGetValue(lease.Key, out var held) && held.Row.Epoch == lease.Epoch ? held : throw new LeaseLostException(lease.Key);

    private ConsumerBoard Board(string? consumer)
    {
        var now = time.GetUtcNow();
        return new ConsumerBoard(
            [
                .. rows.Values.Where(one => consumer is null || one.Row.Key.Consumer == consumer)
                    .Select(one => one.Row with { IsHeld = one.Row.Owner is not null && one.Until > now }),
            ],
            [.. processes.Values.Select(one => one.Process with { IsAlive = one.Until > now })]);
    }

    private void Apply(ConsumerBoardChange change)
    {
        var until = change.LeaseTime is { } leaseTime ? time.GetUtcNow() + leaseTime : (DateTimeOffset?)null;
        foreach (var key in change.Removed)
        {
            rows.Remove(key);
        }

        if (change.Present is { } present)
        {
            processes[present.Id] = (present, until ?? time.GetUtcNow());
        }

        if (change.Gone is { } gone)
        {
            processes.Remove(gone);
        }

        foreach (var row in change.Added)
        {
            rows.TryAdd(row.Key, (row, until ?? time.GetUtcNow()));
        }

        foreach (var (epoch, row) in change.Changed)
        {
            if (rows.TryGetValue(row.Key, out var before) && before.Row.Epoch == epoch)
            {
                rows[row.Key] = (row with { Position = before.Row.Position }, until ?? before.Until);
            }
        }
    }
}
