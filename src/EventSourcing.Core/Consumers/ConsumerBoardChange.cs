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

    /// <summary>Rows to change, all but their positions, each only where its epoch is still the one given with it.</summary>
    public IReadOnlyList<(long Epoch, ConsumerRow Row)> Changed { get; init; } = [];

    /// <summary>Consumers that appends are to apply no more: each is left at the position up to which they have.</summary>
    public IReadOnlyList<string> Demoted { get; init; } = [];

    /// <summary>Rows to delete, with their read models.</summary>
    public IReadOnlyList<ConsumerKey> Removed { get; init; } = [];

    /// <summary>For how long from now the process, and what it has in <see cref="Added"/> and <see cref="Changed"/>, counts as alive and
    /// held. Null where the change is not an owner's: leases then run on as they are.</summary>
    public TimeSpan? LeaseTime { get; init; }
}
