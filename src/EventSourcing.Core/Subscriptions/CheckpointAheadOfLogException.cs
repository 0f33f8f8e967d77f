namespace EventSourcing;

/// <summary>
/// A checkpoint lies beyond the end of the log, or what was followed up to it is not this log any more: it was restored from an
/// older backup, or the checkpoint belongs to another log. Going on would skip the events that will be written in between.
/// </summary>
public sealed class CheckpointAheadOfLogException : Exception
{
    /// <summary>Makes the exception.</summary>
    /// <param name="checkpoint">The checkpoint.</param>
    /// <param name="head">The highest position of the log.</param>
    public CheckpointAheadOfLogException(Checkpoint checkpoint, LogPosition head)
        : base(checkpoint.Position > head
            ? $"The checkpoint '{checkpoint}' lies beyond the head of the log, {head}: was the log restored from a backup, or does the checkpoint belong to another one? Rebuild from the start."
            : $"The event at the checkpoint '{checkpoint}' is not there any more, or another one stands there: was the log restored from a backup, or did a standby take over that was behind? Rebuild from the start.")
    {
        Checkpoint = checkpoint;
        Head = head;
    }

    /// <summary>The checkpoint.</summary>
    public Checkpoint Checkpoint { get; }

    /// <summary>The highest position of the log.</summary>
    public LogPosition Head { get; }
}
