namespace EventSourcing.Conformance;

/// <summary>Receipts and messages behind something that may break in between.</summary>
/// <param name="inner">The store.</param>
/// <param name="beforeOutcome">Called before an outcome is stored; what it throws is the crash.</param>
internal sealed class ReactorStoreProxy(IReactorStore inner, Action<ReactorOutcome> beforeOutcome) : IReactorStore
{
    public Task<ReactorCursor> LoadAsync(ConsumerLease lease, CancellationToken cancellationToken = default) => inner.LoadAsync(lease, cancellationToken);

    public Task<IReadOnlySet<Guid>> FindReceiptsAsync(
        string reactor, LogPosition after, LogPosition upTo, CancellationToken cancellationToken = default) =>
        inner.FindReceiptsAsync(reactor, after, upTo, cancellationToken);

    public Task MoveAsync(ConsumerLease lease, EventPage page, ReactorOutcome? outcome, CancellationToken cancellationToken = default)
    {
        if (outcome is not null)
        {
            beforeOutcome(outcome);
        }

        return inner.MoveAsync(lease, page, outcome, cancellationToken);
    }

    public Task<DueMessage?> FindNextMessageAsync(ConsumerLease lease, TimeSpan within, CancellationToken cancellationToken = default) =>
        inner.FindNextMessageAsync(lease, within, cancellationToken);

    public Task SettleMessageAsync(
        ConsumerLease lease, ScheduledMessage message, ReactorOutcome outcome, CancellationToken cancellationToken = default)
    {
        beforeOutcome(outcome);
        return inner.SettleMessageAsync(lease, message, outcome, cancellationToken);
    }

    public Task PostponeMessageAsync(
        ConsumerLease lease, ScheduledMessage message, TimeSpan? pause, CancellationToken cancellationToken = default) =>
        inner.PostponeMessageAsync(lease, message, pause, cancellationToken);

    public Task<IReadOnlyList<ScheduledMessage>> ListMessagesAsync(string reactor, CancellationToken cancellationToken = default) =>
        inner.ListMessagesAsync(reactor, cancellationToken);

    public Task<bool> RetryMessageAsync(string reactor, Guid id, CancellationToken cancellationToken = default) =>
        inner.RetryMessageAsync(reactor, id, cancellationToken);

    public Task<bool> RemoveMessageAsync(string reactor, Guid id, CancellationToken cancellationToken = default) =>
        inner.RemoveMessageAsync(reactor, id, cancellationToken);

    public Task<bool> SettleDeadLetterAsync(DeadLetter letter, ReactorOutcome outcome, CancellationToken cancellationToken = default) =>
        inner.SettleDeadLetterAsync(letter, outcome, cancellationToken);

    public Task<bool> ResetAsync(string reactor, LogPosition position, CancellationToken cancellationToken = default) =>
        inner.ResetAsync(reactor, position, cancellationToken);

    public Task PruneReceiptsAsync(string reactor, TimeSpan olderThan, CancellationToken cancellationToken = default) =>
        inner.PruneReceiptsAsync(reactor, olderThan, cancellationToken);
}
