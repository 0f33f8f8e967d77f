namespace EventSourcing;

/// <summary>What a fold needs of an event, for keeping; its metadata only where upcasters may ask for it.</summary>
internal readonly record struct CachedEvent(string Type, ReadOnlyMemory<byte> Data, ReadOnlyMemory<byte> Metadata)
{
    /// <summary>Roughly what an event takes besides its payload.</summary>
    private const int Overhead = 64;

    public long Bytes => Data.Length + Metadata.Length + Overhead;
}
