namespace EventSourcing;

/// <summary>What was done with a stream.</summary>
public enum StreamOperationKind
{
    /// <summary>See <see cref="IStreamMaintenance.ArchiveAsync"/>.</summary>
    Archive = 0,

    /// <summary>See <see cref="IStreamMaintenance.RestoreAsync"/>.</summary>
    Restore = 1,

    /// <summary>See <see cref="IStreamMaintenance.TruncateAsync"/>.</summary>
    Truncate = 2,

    /// <summary>See <see cref="IStreamMaintenance.DeleteAsync"/>.</summary>
    Delete = 3,
}
