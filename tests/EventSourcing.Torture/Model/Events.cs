namespace EventSourcing.Torture;

/// <summary>Concerns the view of its stream, one for each label, and the one of its amount.</summary>
[EventType("moved")]
internal sealed record Moved(long Amount, string[] Labels);

/// <summary>The view of its stream is gone.</summary>
[EventType("closed")]
internal sealed record Closed;

/// <summary>One more, by a command that has read how many there were: its number is its version, or the command has decided on something else than was there.</summary>
[EventType("counted")]
internal sealed record Counted(long Number);

/// <summary>The view of a label is gone.</summary>
[EventType("cleared")]
internal sealed record Cleared(string Label);
