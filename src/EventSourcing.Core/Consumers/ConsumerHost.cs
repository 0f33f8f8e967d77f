using Microsoft.Extensions.Logging;

namespace EventSourcing;

/// <summary>
/// Runs what this process has the right to run: everything of its own, and of what processes share the part that falls to it.
/// Says regularly that it is there, takes what is free, gives up what others lack, stops what it has lost.
/// </summary>
internal sealed class ConsumerHost
{
    private const int BeatsPerLease = 6;

    private readonly IConsumerStore? consumers;
    private readonly Dictionary<string, ILeasedWork> works = new(StringComparer.Ordinal);
    private readonly ParkedAges parked;
    private readonly ConsumerOptions options;
    private readonly TimeProvider time;
    private readonly ILogger logger;
    private readonly Lock gate = new();
    private readonly Dictionary<ConsumerKey, RunningConsumer> running = [];
    private TaskCompletionSource beatNow = NewSignal();
    private TaskCompletionSource? run;
    private ConsumerProcess? me;

    public ConsumerHost(
        IConsumerStore? consumers, IDeadLetterStore? letters, IEnumerable<ILeasedWork> works, ConsumerOptions options, TimeProvider time, ILogger logger)
    {
        this.consumers = consumers;
        parked = new ParkedAges(letters, time);
        this.options = options;
        this.time = time;
        this.logger = logger;
        foreach (var work in works)
        {
            if (!this.works.TryAdd(work.Name, work))
            {
                throw new ArgumentException($"Two are named '{work.Name}'.", nameof(works));
            }

            if (work.IsShared && consumers is null)
            {
                throw new ArgumentException(
                    $"'{work.Name}' is shared by processes, which needs a consumer store: pass the adapter's.", nameof(consumers));
            }
        }
    }

    public IReadOnlyCollection<string> Names => works.Keys;

    /// <summary>Completes when the run under way has ended; at once where there is none.</summary>
    public Task RunEnded => Volatile.Read(ref run)?.Task ?? Task.CompletedTask;

    /// <summary>What runs here, and what has failed here.</summary>
    public IReadOnlyList<RunningConsumer> Running
    {
        get
        {
            lock (gate)
            {
                return [.. running.Values];
            }
        }
    }

    public ILeasedWork WorkOf(string name) => works.TryGetValue(name, out var work)
        ? work
        : throw new ArgumentException($"There is no '{name}'; there are: {string.Join(", ", works.Keys)}.", nameof(name));

    /// <summary>Runs until cancelled; false where another run is under way.</summary>
    public async Task<bool> TryRunAsync(CancellationToken cancellationToken)
    {
        var mine = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        if (Interlocked.CompareExchange(ref run, mine, null) is not null)
        {
            return false;
        }

        try
        {
            lock (gate)
            {
                running.Clear();
            }

            foreach (var work in works.Values.Where(work => !work.IsShared))
            {
                Start(work, new ConsumerLease(new ConsumerKey(work.Name, 1, StreamShard.All), ConsumerRole.Serving, 0), cancellationToken);
            }

            if (works.Values.Any(work => work.IsShared))
            {
                await BeatUntilCancelledAsync(cancellationToken).ConfigureAwait(false);
            }
            else
            {
                await Task.Delay(Timeout.InfiniteTimeSpan, time, cancellationToken).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The way to end a run.
        }
        finally
        {
            await Task.WhenAll(Running.Select(one => one.EndAsync())).ConfigureAwait(false);
            await LeaveAsync().ConfigureAwait(false);
            Volatile.Write(ref run, null);
            mine.SetResult();
        }

        return true;
    }

    /// <summary>The first failure of what has given up here.</summary>
    public ConsumerFailedException? Failure => Running.Select(one => one.Failure).FirstOrDefault(failure => failure is not null);

    /// <summary>Looks at the board soon, because something may have changed.</summary>
    public void BeatSoon() => Volatile.Read(ref beatNow).TrySetResult();

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private async Task BeatUntilCancelledAsync(CancellationToken cancellationToken)
    {
        IReadOnlyList<ConsumerDefinition>? definitions = null;
        while (true)
        {
            // Renewed before looking: what is asked for from here on gets a look of its own.
            var asked = NewSignal();
            Volatile.Write(ref beatNow, asked);
            try
            {
                definitions ??= await DefineAsync(cancellationToken).ConfigureAwait(false);
                await BeatAsync(definitions, cancellationToken).ConfigureAwait(false);
                await parked.LookAsync(Running, cancellationToken).ConfigureAwait(false);
            }
            catch (Exception failure) when (failure is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
            {
                // What runs goes on: as long as its epoch is the latest, its pages are taken.
                Log.BoardUnreachable(logger, failure);
            }

            await asked.Task.WaitAsync(options.LeaseTime / BeatsPerLease, time, cancellationToken)
                .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            cancellationToken.ThrowIfCancellationRequested();
        }
    }

    private async Task<IReadOnlyList<ConsumerDefinition>> DefineAsync(CancellationToken cancellationToken)
    {
        var definitions = new List<ConsumerDefinition>();
        foreach (var work in works.Values.Where(work => work.IsShared))
        {
            definitions.Add(await work.DefineAsync(cancellationToken).ConfigureAwait(false));
        }

        me = new ConsumerProcess(
            Guid.NewGuid(), $"{Environment.MachineName}/{Environment.ProcessId}", [.. definitions.Select(definition => definition.Capability)]);
        return definitions;
    }

    private async Task BeatAsync(IReadOnlyList<ConsumerDefinition> definitions, CancellationToken cancellationToken)
    {
        // Known to be stored before the board is read, so a row that stands further back has lost what its consumer is past.
        var reached = Running.ToDictionary(one => one.Lease.Key, one => one.Progress.Position);
        var board = await consumers!
            .ChangeAsync(board => ConsumerPlan.Beat(board, me!, definitions, Reports(), options.LeaseTime), cancellationToken)
            .ConfigureAwait(false);
        var mine = board.Rows.Where(row => row.Owner == me!.Id && row.IsHeld).ToDictionary(row => row.Key);
        foreach (var one in Running.Where(one => one.Work.IsShared))
        {
            var isMine = mine.TryGetValue(one.Lease.Key, out var row) && row.Epoch == one.Lease.Epoch;
            if (!isMine || one.HasEnded)
            {
                await EndAsync(one).ConfigureAwait(false);
            }
            else if (row!.IsPaused)
            {
                await one.PauseAsync().ConfigureAwait(false);
            }
            else if (reached.TryGetValue(one.Lease.Key, out var position) && row.Position < position)
            {
                // The server crashed before the page was on its disk. At the end of the log no failed page tells the consumer:
                // begun again below, it reads what is stored.
                Log.PagesLost(logger, one.Work.Name, position, row.Position);
                await EndAsync(one).ConfigureAwait(false);
            }
        }

        foreach (var row in mine.Values)
        {
            // A resumed one has a new epoch, so what is known here has ended or runs.
            if (!IsKnown(row.Key) && works.TryGetValue(row.Key.Consumer, out var work))
            {
                Start(work, new ConsumerLease(row.Key, row.Role, row.Epoch), cancellationToken, row.IsPaused);
            }
        }

        await GiveUpSurplusAsync(board, cancellationToken).ConfigureAwait(false);
    }

    private async Task GiveUpSurplusAsync(ConsumerBoard board, CancellationToken cancellationToken)
    {
        var surplus = ConsumerPlan.Surplus(board, me!).Select(row => row.Key).ToHashSet();
        if (surplus.Count == 0)
        {
            return;
        }

        foreach (var one in Running.Where(one => surplus.Contains(one.Lease.Key)))
        {
            await EndAsync(one).ConfigureAwait(false);
        }

        var reports = Reports();
        await consumers!
            .ChangeAsync(now => ConsumerPlan.GiveUp(now, me!.Id, row => surplus.Contains(row.Key), reports), cancellationToken)
            .ConfigureAwait(false);
    }

    private bool IsKnown(ConsumerKey key)
    {
        lock (gate)
        {
            return running.ContainsKey(key);
        }
    }

    private void Start(ILeasedWork work, ConsumerLease lease, CancellationToken cancellationToken, bool isPaused = false)
    {
        var one = new RunningConsumer(work, lease, options.Tenant, time, BeatSoon);
        lock (gate)
        {
            running[lease.Key] = one;
        }

        if (isPaused)
        {
            one.StartPaused();
        }
        else
        {
            one.Start(cancellationToken);
        }
    }

    private async Task EndAsync(RunningConsumer one)
    {
        await one.EndAsync().ConfigureAwait(false);
        lock (gate)
        {
            running.Remove(one.Lease.Key);
        }
    }

    private Dictionary<ConsumerKey, ConsumerReport> Reports() => Running
        .Where(one => one.Work.IsShared)
        .ToDictionary(one => one.Lease.Key, one => one.Report);

    /// <summary>A clean end: others take over at once, without waiting for the lease to run out.</summary>
    private async Task LeaveAsync()
    {
        if (me is not { } gone)
        {
            return;
        }

        me = null;
        try
        {
            using var patience = new CancellationTokenSource(options.LeaseTime, time);
            var reports = Reports();
            await consumers!
                .ChangeAsync(board => ConsumerPlan.GiveUp(board, gone.Id, _ => true, reports) with { Gone = gone.Id }, patience.Token)
                .ConfigureAwait(false);
        }
        catch (Exception failure)
        {
            // Others take over when the lease has run out.
            Log.BoardUnreachable(logger, failure);
        }
    }
}
