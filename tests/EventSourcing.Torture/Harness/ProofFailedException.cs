namespace EventSourcing.Torture;

/// <summary>Something is not as it is promised to be.</summary>
internal sealed class ProofFailedException(string message) : Exception(message);
