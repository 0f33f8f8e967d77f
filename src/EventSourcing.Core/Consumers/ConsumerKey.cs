namespace EventSourcing;

/// <summary>What is leased: one shard of one generation of a projection or reactor.</summary>
/// <param name="Consumer">The name of the projection or reactor.</param>
/// <param name="Generation">1, 2, 3 …: each rebuild makes a new one.</param>
/// <param name="Shard">The part of all streams that it takes.</param>
public readonly record struct ConsumerKey(string Consumer, int Generation, StreamShard Shard)
{
    /// <summary>For people.</summary>
    public override string ToString() => Shard.IsAll ? Consumer : $"{Consumer} {Shard}";
}
