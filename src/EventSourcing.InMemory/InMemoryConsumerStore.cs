namespace EventSourcing.InMemory;

/// <summary>Keeps in memory what several runners agree on: who runs what, how far it is, what it has parked.</summary>
public sealed class InMemoryConsumerStore : IConsumerStore
{
    private readonly Lock gate = new();
    private readonly TimeProvider time;
    private readonly Dictionary<ConsumerKey, (ConsumerRow Row, DateTimeOffset Until)> rows = [];
    private readonly Dictionary<Guid, (ConsumerProcess Process, DateTimeOffset Until)> processes = [];
    private readonly List<(DeadLetter Letter, int Generation)> letters = [];

    /// <summary>Makes an empty one.</summary>
    /// <param name="time">The clock of the leases; the system's by default.</param>
    public InMemoryConsumerStore(TimeProvider? time = null) => this.time = time ?? TimeProvider.System;

    /// <inheritdoc/>
    public Task<ConsumerBoard> ReadAsync(string? consumer = null, CancellationToken cancellationToken = default)
    {
        CheckpointName.ThrowIfInvalid(consumer ?? "any");
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
        CheckpointName.ThrowIfInvalid(consumer);
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

            letters.RemoveAll(one => one.Letter.Consumer == consumer && one.Generation != generation);
            foreach (var (key, (row, until)) in built)
            {
                var isPaused = row.IsPaused || serving.Any(one => one.Value.Row.IsPaused);
                rows[key] = (row with { Role = ConsumerRole.Serving, IsPaused = isPaused, Epoch = row.Epoch + 1 }, until);
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
            if (page.Parked is { Event: var parked } reason)
            {
                var letter = new DeadLetter(
                    lease.Key.Consumer, parked.Position, parked.Id, parked.Stream, parked.Type, reason.Error, reason.Attempts, time.GetUtcNow());
                letters.Add((letter, lease.Key.Generation));
            }
        }
    }

    /// <summary>Does something that belongs to a lease, which stays where it is.</summary>
    /// <exception cref="LeaseLostException">The lease is another's by now; nothing is done.</exception>
    internal T While<T>(ConsumerLease lease, Func<LogPosition, T> work)
    {
        lock (gate)
        {
            return work(Held(lease).Row.Position);
        }
    }

    /// <summary>Does something while nobody moves: told the lowest position of a consumer, null where there is none.</summary>
    internal T Between<T>(string consumer, Func<LogPosition?, T> work)
    {
        lock (gate)
        {
            return work(rows.Values.Where(one => one.Row.Key.Consumer == consumer).Select(one => (LogPosition?)one.Row.Position).Min());
        }
    }

    /// <summary>Puts a consumer back, and takes it from its owner.</summary>
    internal void MoveBack(string consumer, LogPosition to)
    {
        lock (gate)
        {
            foreach (var (key, (row, until)) in rows.Where(one => one.Key.Consumer == consumer).ToArray())
            {
                rows[key] = (row with
                {
                    Position = row.Position < to ? row.Position : to,
                    Epoch = row.Epoch + 1,
                    Owner = null,
                    State = ConsumerState.Stopped,
                    Error = null,
                }, until);
            }
        }
    }

    /// <summary>The dead letters that show: not those of a read model that is being built.</summary>
    internal IReadOnlyList<DeadLetter> Letters()
    {
        lock (gate)
        {
            return [.. letters.Where(IsShown).Select(one => one.Letter).OrderBy(letter => letter.Position)];
        }
    }

    /// <summary>Drops dead letters that show.</summary>
    internal int RemoveLetters(string consumer, Predicate<LogPosition> which)
    {
        lock (gate)
        {
            return letters.RemoveAll(one => one.Letter.Consumer == consumer && which(one.Letter.Position) && IsShown(one));
        }
    }

    /// <summary>Drops all dead letters of some events.</summary>
    internal void RemoveLetters(Predicate<LogPosition> which)
    {
        lock (gate)
        {
            letters.RemoveAll(one => which(one.Letter.Position));
        }
    }

    /// <summary>Does something to a shard that serves, while nobody else writes it; false where it stands elsewhere by now.</summary>
    internal bool TryInterrupt(ConsumerRow seen, Action write)
    {
        lock (gate)
        {
            if (!rows.TryGetValue(seen.Key, out var found) || found.Row.Role != ConsumerRole.Serving || found.Row.Position != seen.Position)
            {
                return false;
            }

            rows[seen.Key] = (found.Row with { Epoch = found.Row.Epoch + 1 }, found.Until);
            write();
            return true;
        }
    }

    /// <summary>Lets appends apply a consumer from now on; one that was built beside another takes its place. False where it is paused,
    /// or somebody who does not know this version could not apply it.</summary>
    internal bool TryGoInline(ConsumerLease lease)
    {
        lock (gate)
        {
            var (row, until) = Held(lease);
            var mine = string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{lease.Key.Consumer}@{row.Version}");
            var now = time.GetUtcNow();
            var isKnownOtherwise = processes.Values.Any(one => one.Until > now
                && one.Process.Runs.Any(runs => runs != mine && runs[..runs.LastIndexOf('@')] == lease.Key.Consumer));
            if (row.IsPaused || (isKnownOtherwise && lease.Role == ConsumerRole.Serving))
            {
                return false;
            }

            foreach (var older in rows.Keys.Where(key => key.Consumer == lease.Key.Consumer && key != lease.Key).ToArray())
            {
                rows.Remove(older);
            }

            rows[lease.Key] = (row with { Role = ConsumerRole.Serving, IsInline = !isKnownOtherwise, Owner = null, Epoch = row.Epoch + 1 }, until);
            return true;
        }
    }

    /// <summary>The generation that appends apply; null where they apply none, or none of this version.</summary>
    internal int? InlineGeneration(string consumer, int version)
    {
        lock (gate)
        {
            return rows.Values.Where(one => one.Row.Key.Consumer == consumer && one.Row.IsInline && one.Row.Version == version)
                .Select(one => (int?)one.Row.Key.Generation)
                .FirstOrDefault();
        }
    }

    /// <summary>Appends have applied a consumer up to a position.</summary>
    internal void MoveInline(string consumer, LogPosition position)
    {
        lock (gate)
        {
            foreach (var (key, (row, until)) in rows.Where(one => one.Value.Row.IsInline && one.Key.Consumer == consumer).ToArray())
            {
                rows[key] = (row with { Position = position }, until);
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

    private bool IsShown((DeadLetter Letter, int Generation) one) => !rows.Values.Any(row =>
        row.Row.Key.Consumer == one.Letter.Consumer && row.Row.Key.Generation == one.Generation && row.Row.Role == ConsumerRole.Building);

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
            if (rows.Remove(key, out var removed) && removed.Row.Role == ConsumerRole.Building)
            {
                letters.RemoveAll(one => one.Letter.Consumer == key.Consumer && one.Generation == key.Generation);
            }
        }

        if (change.Present is { } present)
        {
            processes[present.Id] = (present, until ?? time.GetUtcNow());
        }

        if (change.Gone is { } gone)
        {
            processes.Remove(gone);
        }

        foreach (var (key, (row, leasedUntil)) in rows.Where(one => one.Value.Row.IsInline && change.Demoted.Contains(one.Key.Consumer)).ToArray())
        {
            rows[key] = (row with { IsInline = false, Epoch = row.Epoch + 1 }, leasedUntil);
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
