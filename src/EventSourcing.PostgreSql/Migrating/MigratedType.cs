namespace EventSourcing.PostgreSql;

/// <summary>A type of event in a source.</summary>
/// <param name="SourceName">What it is called there.</param>
/// <param name="StoredName">What it is to be called here.</param>
/// <param name="Events">How many events it has.</param>
/// <param name="IsRegistered">Whether they can be read as a class or are lifted to one; null where there was no registry to ask.</param>
public sealed record MigratedType(string SourceName, string StoredName, long Events, bool? IsRegistered);
