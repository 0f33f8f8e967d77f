namespace EventSourcing;

/// <summary>What a view projection has declared for an event class.</summary>
/// <param name="Keys">Which views an event concerns; null for the one of its stream.</param>
/// <param name="Fold">What becomes of one.</param>
internal sealed record ViewHandler<TView>(Func<EventEnvelope, IEnumerable<string>>? Keys, Func<TView?, ViewContext, TView?> Fold)
    where TView : class;
