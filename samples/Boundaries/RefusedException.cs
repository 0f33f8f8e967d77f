namespace Boundaries;

/// <summary>A rule forbids what was asked for.</summary>
public sealed class RefusedException(string message) : Exception(message);
