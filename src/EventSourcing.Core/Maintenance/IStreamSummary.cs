namespace EventSourcing;

/// <summary>
/// Marks the class of an event that holds all that the events of its stream before it said: a balance brought forward, a year's closing.
/// Such an event may stand in for them when the stream is truncated, and only such a one.
/// </summary>
/// <remarks>Those before it may still be there or be gone: whoever handles it sets what it says, and adds nothing.</remarks>
public interface IStreamSummary;
