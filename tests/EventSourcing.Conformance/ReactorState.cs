namespace EventSourcing.Conformance;

/// <summary>What an adapter keeps for reactors.</summary>
/// <param name="Reactors">Receipts and messages.</param>
/// <param name="Consumers">Who runs what.</param>
/// <param name="Letters">What was given up.</param>
public sealed record ReactorState(IReactorStore Reactors, IConsumerStore Consumers, IDeadLetterStore Letters);
