using Microsoft.Extensions.DependencyInjection;

namespace EventSourcing.Testing;

/// <summary>Runs what an application consists of in turns, one after the other, until nothing new comes of it.</summary>
internal sealed class ApplicationRun(IServiceProvider services, TestClock clock) : IDisposable
{
    // Each turn takes what all those before it have caused: no application of finite reactions comes near.
    private const int MostTurns = 3_000;

    private static readonly TimeSpan LeaseTime = TimeSpan.FromHours(1);

    private readonly IEventStore store = services.GetRequiredService<IEventStore>();
    private readonly IConsumerStore consumers = services.GetRequiredService<IConsumerStore>();
    private readonly SemaphoreSlim turn = new(1);
    private readonly AsyncLocal<bool> isWithin = new();
    private readonly ApplicationWorks works = new(services, clock);
    private IReadOnlyList<ConsumerDefinition>? definitions;
    private ConsumerProcess? me;

    /// <summary>Runs until nothing is left to be done at this time.</summary>
    public async Task SettleAsync(CancellationToken cancellationToken)
    {
        // A double that a handler calls may call the application back: the run under way takes care of what it does.
        if (isWithin.Value)
        {
            return;
        }

        await turn.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            isWithin.Value = true;
            await RunAsync(cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            await LeaveAsync().ConfigureAwait(false);
            isWithin.Value = false;
            turn.Release();
        }
    }

    /// <summary>Moves the clock from one due message to the next, and settles at each.</summary>
    public async Task AdvanceAsync(TimeSpan time, CancellationToken cancellationToken)
    {
        var target = clock.GetUtcNow() + time;
        await SettleAsync(cancellationToken).ConfigureAwait(false);
        while (await works.NextDueAsync(cancellationToken).ConfigureAwait(false) is { } due && due <= target)
        {
            clock.MoveTo(due);
            await SettleAsync(cancellationToken).ConfigureAwait(false);
        }

        if (target > clock.GetUtcNow())
        {
            clock.MoveTo(target);
        }

        await SettleAsync(cancellationToken).ConfigureAwait(false);
    }

    public void Dispose() => turn.Dispose();

    private async Task RunAsync(CancellationToken cancellationToken)
    {
        for (var turns = 0; turns < MostTurns; turns++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var before = await HeadAsync(cancellationToken).ConfigureAwait(false);
            var hasDone = await TakeTurnAsync(cancellationToken).ConfigureAwait(false);
            if (!hasDone && before == await HeadAsync(cancellationToken).ConfigureAwait(false))
            {
                return;
            }
        }

        throw new InvalidOperationException(
            $"The application does not come to rest: after {MostTurns:N0} turns there is still something more. Does a reactor answer its own commands? {works.LastDone}");
    }

    /// <summary>Gives each part its turn; answers whether something was done that does not show in the log.</summary>
    private async Task<bool> TakeTurnAsync(CancellationToken cancellationToken)
    {
        var hasDone = false;
        foreach (var (work, lease) in await LeasesAsync(cancellationToken).ConfigureAwait(false))
        {
            try
            {
                hasDone |= await work.TakeTurnAsync(lease, cancellationToken).ConfigureAwait(false);
            }
            catch (LeaseLostException)
            {
                // A handler or a double has paused it, or put it back: the next turn sees how it stands.
                hasDone = true;
            }
        }

        return hasDone;
    }

    /// <summary>What there is to run: what lives in this process alone, then all that is on the board.</summary>
    private async Task<IReadOnlyList<(ApplicationWork Work, ConsumerLease Lease)>> LeasesAsync(CancellationToken cancellationToken)
    {
        if (definitions is null)
        {
            var all = new List<ConsumerDefinition>();
            foreach (var work in works.All.Where(work => work.Leased.IsShared))
            {
                all.Add(await work.Leased.DefineAsync(cancellationToken).ConfigureAwait(false));
            }

            definitions = all;
            me = new ConsumerProcess(TestIds.Of(1), "test", [.. all.Select(definition => definition.Capability)]);
        }

        var board = await consumers
            .ChangeAsync(board => ConsumerPlan.Beat(board, me!, definitions, new Dictionary<ConsumerKey, ConsumerReport>(), LeaseTime), cancellationToken)
            .ConfigureAwait(false);
        return
        [
            .. from work in works.All
               where !work.Leased.IsShared
               select (work, new ConsumerLease(new ConsumerKey(work.Leased.Name, 1, StreamShard.All), ConsumerRole.Serving, 0)),
            .. from work in works.All
               where work.Leased.IsShared
               from row in board.Rows
               where row.Key.Consumer == work.Leased.Name && row.Owner == me!.Id && row.IsHeld && !row.IsPaused
               orderby row.Key.Generation, row.Key.Shard.Index
               select (work, new ConsumerLease(row.Key, row.Role, row.Epoch)),
        ];
    }

    /// <summary>Nothing runs until the next time: whoever pauses a consumer, or runs it himself, waits for nobody.</summary>
    private async Task LeaveAsync()
    {
        if (me is { } gone)
        {
            var reports = new Dictionary<ConsumerKey, ConsumerReport>();
            await consumers.ChangeAsync(board => ConsumerPlan.GiveUp(board, gone.Id, _ => true, reports) with { Gone = gone.Id }).ConfigureAwait(false);
        }
    }

    private async Task<LogPosition> HeadAsync(CancellationToken cancellationToken) =>
        (await store.GetHeadAsync(cancellationToken).ConfigureAwait(false)).Highest;
}
