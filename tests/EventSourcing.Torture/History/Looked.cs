namespace EventSourcing.Torture;

/// <summary>Somebody has looked where a stream or the log ends.</summary>
/// <param name="By">Who: what is known of the end of the log is each store's own.</param>
/// <param name="Begun">From when, in ticks of the machine's steady clock.</param>
/// <param name="At">Until when.</param>
/// <param name="Stream">The stream; null for the log.</param>
/// <param name="Version">The version of the stream's last event; 0 where there is none.</param>
/// <param name="Position">The position of the last event, of the stream or of all; 0 where there is none.</param>
/// <param name="Final">Up to where the log was said to be final.</param>
internal sealed record Looked(string By, long Begun, long At, string? Stream, long Version, long Position, long Final);
