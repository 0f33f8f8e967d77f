namespace EventSourcing;

/// <summary>An append under way: it holds positions of the log, and readers do not go past them before it has ended.</summary>
/// <param name="Holder">Who it is: the server's process and the application's name, as far as they are known.</param>
/// <param name="Since">Since when its transaction runs; null where that is not known.</param>
public sealed record OpenAppend(string Holder, DateTimeOffset? Since);
