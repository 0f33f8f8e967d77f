namespace EventSourcing.PostgreSql;

/// <summary>A type of event in a Marten database, to be given a name.</summary>
/// <param name="Alias">The name that Marten has stored, such as <c>order_placed</c>.</param>
/// <param name="DotNetType">The class that Marten has stored beside it; null where it has none. It tells classes apart that share an alias.</param>
public sealed record MartenEventType(string Alias, string? DotNetType);
