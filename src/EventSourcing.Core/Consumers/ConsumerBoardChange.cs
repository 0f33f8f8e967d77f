namespace EventSourcing;

/// <summary>What a process changes on the board.</summary>
public sealed record ConsumerBoardChange
{
    /// <summary>The process says that it is there, for one lease time.</summary>
    public ConsumerProcess? Present { get; init; }

    /// <summary>A process that has gone.</summary>
    public Guid? Gone { get; init; }

    /// <summary>Rows to insert, at their position. One that is there by now stays as it is.</summary>
    public IReadOnlyList<ConsumerRow> Added { get; init; } = [];

    /// <summary>Rows to change, all but their positions, each only where its epoch is still the one given with it. A row with an
    /// owner is held for one lease time from now.</summary>
    public IReadOnlyList<(long Epoch, ConsumerRow Row)> Changed { get; init; } = [];

    /// <summary>Rows to delete, with their read models.</summary>
    public IReadOnlyList<ConsumerKey> Removed { get; init; } = [];

    /// <summary>How long a process or an owner that is not heard of is waited for.</summary>
    public TimeSpan LeaseTime { get; init; }
}
