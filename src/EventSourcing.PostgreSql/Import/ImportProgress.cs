namespace EventSourcing.PostgreSql;

/// <summary>How far an import has come; see <see cref="PostgreSqlEventStore.ImportAsync"/>.</summary>
/// <param name="Stored">Events that this import has stored.</param>
/// <param name="AlreadyStored">Events that were stored already, by an earlier run of the same import.</param>
/// <param name="Batches">Batches that are committed.</param>
/// <param name="Position">The position of the last event stored; <see cref="LogPosition.Start"/> where none was.</param>
public sealed record ImportProgress(long Stored, long AlreadyStored, long Batches, LogPosition Position);
