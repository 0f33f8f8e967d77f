namespace EventSourcing.PostgreSql;

/// <summary>
/// The turn of one batch: it may be written when the one before has its positions, but is committed after it only. Should the
/// one before fail, this batch is rolled back first, because the other may need its locks to be run again.
/// </summary>
internal sealed class ImportTurn
{
    // Let go of when this turn has ended: an import may have millions.
    private ImportTurn? before;
    private readonly TaskCompletionSource<bool> firstCommit = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource nextMayBegin = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Makes the turn after another.</summary>
    public ImportTurn(ImportTurn before) => (this.before, Number) = (before, before.Number + 1);

    private ImportTurn()
    {
        firstCommit.SetResult(true);
        nextMayBegin.SetResult();
    }

    /// <summary>What comes before the first batch.</summary>
    public static ImportTurn First { get; } = new();

    /// <summary>The number of the turn.</summary>
    public long Number { get; }

    /// <summary>Completes when this batch has its positions, or has ended.</summary>
    public Task NextMayBegin => nextMayBegin.Task;

    /// <summary>The work of this turn and of all before.</summary>
    public Task Ended { get; private set; } = Task.CompletedTask;

    /// <summary>Whether all batches before were stored when this attempt began: it relies on nothing then that may be rolled back.</summary>
    public bool IsAlone { get; private set; }

    public void Begin(Func<Task> work) => Ended = Task.Run(async () =>
    {
        try
        {
            await work().ConfigureAwait(false);
        }
        finally
        {
            before = null;
            nextMayBegin.TrySetResult();
        }
    });

    public void BeginAttempt() => IsAlone = before!.Ended.IsCompletedSuccessfully;

    /// <summary>Waits until this batch may be committed.</summary>
    /// <exception cref="BeforeHasFailedException">The one before was not committed at the attempt that this one relies on.</exception>
    public async Task BeforeCommitAsync()
    {
        if (!IsAlone && !await before!.firstCommit.Task.ConfigureAwait(false))
        {
            throw new BeforeHasFailedException();
        }
    }

    public void HasPositions() => nextMayBegin.TrySetResult();

    /// <summary>Completes when all batches before have been stored; fails as they have.</summary>
    public Task BeforeHasEndedAsync() => before!.Ended;

    public void Committed() => firstCommit.TrySetResult(true);

    public void Failed() => firstCommit.TrySetResult(false);

    /// <summary>The batch before has to be run again, and this one after it.</summary>
    public sealed class BeforeHasFailedException : Exception;
}
