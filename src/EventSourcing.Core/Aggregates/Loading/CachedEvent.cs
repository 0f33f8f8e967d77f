namespace EventSourcing;

/// <summary>What a fold needs of an event, for keeping.</summary>
internal readonly record struct CachedEvent(string Type, ReadOnlyMemory<byte> Data)
{
    /// <summary>Roughly what an event takes besides its payload.</summary>
    private const int Overhead = 64;

    public long Bytes => Data.Length + Overhead;
}
