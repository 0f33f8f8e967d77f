namespace EventSourcing;

/// <summary>What a fold needs of an event, for keeping; the whole of it only where upcasters lift it, and may ask for anything.</summary>
internal readonly record struct CachedEvent(string Type, ReadOnlyMemory<byte> Data, RecordedEvent? Lifted = null)
{
    /// <summary>Roughly what an event takes besides its payload.</summary>
    private const int Overhead = 64;

    public long Bytes => Data.Length + (Lifted?.Metadata.Length + Overhead ?? 0) + Overhead;
}
