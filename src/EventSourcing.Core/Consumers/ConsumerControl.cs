namespace EventSourcing;

/// <summary>What can be asked of consumers and done with them, in this process and in others.</summary>
internal sealed class ConsumerControl(IEventStore store, IConsumerStore? consumers, ConsumerHost host, TimeProvider time)
{
    private static readonly TimeSpan ShortestPoll = TimeSpan.FromMilliseconds(5);
    private static readonly TimeSpan LongestPoll = TimeSpan.FromMilliseconds(100);

    public async Task<IReadOnlyList<ConsumerStatus>> GetStatusAsync(CancellationToken cancellationToken)
    {
        var head = await store.GetHeadAsync(cancellationToken).ConfigureAwait(false);
        var waits = head.Final < head.Highest ? await store.GetOpenAppendsAsync(cancellationToken).ConfigureAwait(false) : [];
        var board = consumers is null
            ? new ConsumerBoard([], [])
            : await consumers.ReadAsync(cancellationToken: cancellationToken).ConfigureAwait(false);
        var found = new List<ConsumerStatus>();
        foreach (var name in host.Names)
        {
            var rows = host.WorkOf(name).IsShared ? board.Rows.Where(row => row.Key.Consumer == name).Select(Latest) : [RowOfThisProcess(name)];
            foreach (var generation in rows.GroupBy(row => row.Key.Generation).OrderBy(rows => rows.Key))
            {
                var status = Status([.. generation.Select(row => row.IsInline ? row with { State = ConsumerState.Live, Position = head.Highest } : row)], board.Processes) with { WaitsFor = waits };
                found.Add(status with
                {
                    Lag = Math.Max(0, head.Highest.Value - status.Position.Value),
                    LagTime = await LagTimeAsync(status.Position, head.Final, cancellationToken).ConfigureAwait(false),
                });
            }
        }

        return found;
    }

    /// <summary>Completes when it shows the log up to a position, in whatever process it runs.</summary>
    public async Task WaitForAsync(string name, LogPosition position, CancellationToken cancellationToken)
    {
        var work = host.WorkOf(name);
        var pause = ShortestPoll;
        while (true)
        {
            // Taken before looking: a change in between then ends the wait below.
            var here = host.Running.Where(one => one.Work == work).ToArray();
            var changes = here.Select(one => one.Progress.Changed).ToArray();
            if (here.Select(one => one.Failure).FirstOrDefault(failure => failure is not null) is { } failure)
            {
                throw failure;
            }

            try
            {
                if (await HasPassedAsync(work, here, position, cancellationToken).ConfigureAwait(false))
                {
                    return;
                }
            }
            catch (EventStoreUnavailableException)
            {
                // What is waited for waits for the store, too.
            }

            // Also by the clock: what was running here may have told its last, and another run have begun.
            await Task.WhenAny([.. changes, Task.Delay(pause, time, cancellationToken)]).ConfigureAwait(false);
            pause = pause * 2 < LongestPoll ? pause * 2 : LongestPoll;
            cancellationToken.ThrowIfCancellationRequested();
        }
    }

    /// <summary>Refuses what stands beyond the end of the log, as after the log alone was restored from a backup: it shows what is not there.</summary>
    public async Task ThrowIfAheadOfLogAsync(CancellationToken cancellationToken)
    {
        if (consumers is null)
        {
            return;
        }

        var board = await consumers.ReadAsync(cancellationToken: cancellationToken).ConfigureAwait(false);
        var head = (await store.GetHeadAsync(cancellationToken).ConfigureAwait(false)).Highest;
        if (board.Rows.FirstOrDefault(row => row.Position > head && !row.IsInline && host.Names.Contains(row.Key.Consumer)) is { } ahead)
        {
            throw new ConsumerFailedException(ahead.Key.Consumer, new CheckpointAheadOfLogException(Checkpoint.After(ahead.Position), head));
        }
    }

    /// <summary>Pauses, and completes when nobody runs it any more.</summary>
    public async Task PauseAsync(string name, CancellationToken cancellationToken)
    {
        await ChangeAsync(name, board => ConsumerPlan.Pause(board, name, isPaused: true), rows => rows.All(row => row.IsPaused && !row.IsInline), cancellationToken)
            .ConfigureAwait(false);
        while ((await consumers!.ReadAsync(name, cancellationToken).ConfigureAwait(false)).Rows
            .Any(row => row.Key.Consumer == name && row.IsHeld && row.State != ConsumerState.Paused))
        {
            await Task.Delay(ShortestPoll, time, cancellationToken).ConfigureAwait(false);
        }
    }

    public Task ResumeAsync(string name, CancellationToken cancellationToken) => ChangeAsync(
        name,

        // What has failed here is known here before the board says so: whoever has seen it may resume it at once.
        board => ConsumerPlan.Pause(board with { Rows = [.. board.Rows.Select(Latest)] }, name, isPaused: false),
        rows => rows.All(row => !row.IsPaused && row.State != ConsumerState.Failed),
        cancellationToken);

    public async Task RebuildAsync(string name, CancellationToken cancellationToken)
    {
        ThrowIfNotShared(name);
        var definition = await host.WorkOf(name).DefineAsync(cancellationToken).ConfigureAwait(false);
        await consumers!.ChangeAsync(board => ConsumerPlan.Rebuild(board, definition), cancellationToken).ConfigureAwait(false);
        host.BeatSoon();
    }

    /// <summary>Refuses to repair what another version has made: its views are not this one's.</summary>
    public async Task ThrowIfOtherVersionServesAsync(string name, int version, CancellationToken cancellationToken)
    {
        var board = consumers is null ? null : await consumers.ReadAsync(name, cancellationToken).ConfigureAwait(false);
        if (board?.Rows.FirstOrDefault(row => row.Key.Consumer == name && row.Role == ConsumerRole.Serving && row.Version != version) is { } other)
        {
            throw new InvalidOperationException($"'{name}' serves in version {other.Version}, and this process knows version {version}.");
        }
    }

    private async Task ChangeAsync(
        string name, Func<ConsumerBoard, ConsumerBoardChange> change, Func<IEnumerable<ConsumerRow>, bool> isDone, CancellationToken cancellationToken)
    {
        ThrowIfNotShared(name);
        while (true)
        {
            var board = await consumers!.ChangeAsync(change, cancellationToken).ConfigureAwait(false);
            host.BeatSoon();
            if (isDone(board.Rows.Where(row => row.Key.Consumer == name)))
            {
                return;
            }

            // A row that is being moved at this moment is not changed.
            await Task.Delay(ShortestPoll, time, cancellationToken).ConfigureAwait(false);
        }
    }

    private void ThrowIfNotShared(string name)
    {
        if (!host.WorkOf(name).IsShared)
        {
            throw new InvalidOperationException($"'{name}' lives in this process alone; it is begun anew with the process.");
        }
    }

    private async Task<bool> HasPassedAsync(ILeasedWork work, RunningConsumer[] here, LogPosition position, CancellationToken cancellationToken)
    {
        if (!work.IsShared)
        {
            return position == LogPosition.Start || (here is [var only] && only.Progress.Position >= position);
        }

        // What runs here tells itself when it is worth looking.
        if (here.Any(one => one.Lease.Role == ConsumerRole.Serving && !one.HasEnded && one.Progress.Position < position))
        {
            return false;
        }

        var board = await consumers!.ReadAsync(work.Name, cancellationToken).ConfigureAwait(false);
        var serving = board.Rows.Where(row => row.Key.Consumer == work.Name && row.Role == ConsumerRole.Serving).ToArray();
        if (serving.Length > 0 && serving.All(row => row.IsInline || row.Position >= position))
        {
            return true;
        }

        return serving.FirstOrDefault(row => row is { State: ConsumerState.Failed, IsHeld: true }) is { } failed
            ? throw new ConsumerFailedException(work.Name, new InvalidOperationException(failed.Error))
            : false;
    }

    /// <summary>What runs here is known better here than by its last report.</summary>
    private ConsumerRow Latest(ConsumerRow row)
    {
        var here = host.Running.FirstOrDefault(one => one.Lease.Key == row.Key && one.Lease.Epoch == row.Epoch)?.Report;
        return here is not null
            ? row with { State = here.State, Error = here.Error, EventsPerSecond = here.EventsPerSecond }
            : row.IsHeld || row.State == ConsumerState.Failed ? row : row with { State = row.IsPaused ? ConsumerState.Paused : ConsumerState.Stopped, EventsPerSecond = 0 };
    }

    private ConsumerRow RowOfThisProcess(string name)
    {
        var one = host.Running.FirstOrDefault(one => one.Work.Name == name);
        return new ConsumerRow
        {
            Key = new ConsumerKey(name, 1, StreamShard.All),
            Version = 1,
            Position = one?.Progress.Position ?? LogPosition.Start,
            State = one?.Report.State ?? ConsumerState.Stopped,
            Error = one?.Report.Error,
            EventsPerSecond = one?.Report.EventsPerSecond ?? 0,
        };
    }

    private static ConsumerStatus Status(ConsumerRow[] rows, IReadOnlyList<ConsumerProcess> processes) => new()
    {
        Name = rows[0].Key.Consumer,
        Version = rows[0].Version,
        Role = rows[0].Role,
        State = rows.Select(row => row.State).MaxBy(Attention),
        Position = rows.Min(row => row.Position),
        EventsPerSecond = rows.Sum(row => row.EventsPerSecond),
        Owners =
        [
            .. rows.Where(row => row.IsHeld)
                .Select(row => processes.FirstOrDefault(process => process.Id == row.Owner)?.Label ?? row.Owner.ToString()!)
                .Distinct(),
        ],
        Error = rows.Select(row => row.Error).FirstOrDefault(error => error is not null),
    };

    private static int Attention(ConsumerState state) => state switch
    {
        ConsumerState.Failed => 5,
        ConsumerState.Retrying => 4,
        ConsumerState.Paused => 3,
        ConsumerState.Stopped => 2,
        ConsumerState.CatchingUp => 1,
        _ => 0,
    };

    private async Task<TimeSpan> LagTimeAsync(LogPosition position, LogPosition head, CancellationToken cancellationToken)
    {
        if (position >= head)
        {
            return TimeSpan.Zero;
        }

        var options = new LogReadOptions { After = position, PageSize = 1 };
        var next = (await store.ReadLogAsync(options, cancellationToken).ConfigureAwait(false)).Events;
        var lag = next is [var first, ..] ? time.GetUtcNow() - first.RecordedAt : TimeSpan.Zero;
        return lag > TimeSpan.Zero ? lag : TimeSpan.Zero;
    }
}
