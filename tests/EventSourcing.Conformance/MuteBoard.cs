namespace EventSourcing.Conformance;

/// <summary>A consumer store on which, for as long as it is mute, nobody says what he runs and how that stands.</summary>
internal sealed class MuteBoard(IConsumerStore inner) : IConsumerStore
{
    public bool IsMute { get; set; }

    public Task<ConsumerBoard> ReadAsync(string? consumer = null, CancellationToken cancellationToken = default) => inner.ReadAsync(consumer, cancellationToken);

    public Task<ConsumerBoard> ChangeAsync(Func<ConsumerBoard, ConsumerBoardChange> change, CancellationToken cancellationToken = default) =>
        inner.ChangeAsync(board => change(board) is var changed && IsMute && changed.Present is not null ? new ConsumerBoardChange() : changed, cancellationToken);

    public Task<bool> TryPromoteAsync(string consumer, int generation, CancellationToken cancellationToken = default) =>
        inner.TryPromoteAsync(consumer, generation, cancellationToken);
}
