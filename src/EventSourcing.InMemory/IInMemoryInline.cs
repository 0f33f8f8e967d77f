namespace EventSourcing.InMemory;

/// <summary>What appends apply.</summary>
internal interface IInMemoryInline
{
    /// <summary>Does what may fail, and changes nothing; the answer keeps the result.</summary>
    Action Prepare(IReadOnlyList<RecordedEvent> events);
}
