namespace EventSourcing.PostgreSql;

/// <summary>What can be applied in the transaction of an append.</summary>
internal interface IInlineTarget
{
    /// <summary>Applies events to the tables of a generation, in a transaction that keeps everybody else from them.</summary>
    /// <param name="transaction">The transaction.</param>
    /// <param name="tables">The schema of the generation, quoted.</param>
    /// <param name="events">The events, in position order.</param>
    Task ApplyAsync(ProjectionTransaction transaction, string tables, IReadOnlyList<EventEnvelope> events);
}
