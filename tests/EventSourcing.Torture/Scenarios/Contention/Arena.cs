using System.Diagnostics;

namespace EventSourcing.Torture;

/// <summary>The few streams that all contenders fight for. They are left for new ones every few seconds, so that they stay short
/// enough to be folded, and being the first is fought for, too.</summary>
internal static class Arena
{
    public const int Streams = 8;

    private static readonly TimeSpan Season = TimeSpan.FromSeconds(4);

    /// <summary>The machine's steady clock is one for all processes, so all of them are in the same season.</summary>
    public static StreamName Stream(int number) =>
        StreamName.For("contended", $"{Stopwatch.GetTimestamp() / (long)(Season.TotalSeconds * Stopwatch.Frequency)}-{number}");

    /// <summary>One of the streams, the first ones much more often than the last.</summary>
    public static StreamName Any(Random random) => Stream((int)(Streams * Math.Pow(random.NextDouble(), 2)));

    /// <summary>Several different ones in any order, so that many cross each other's way.</summary>
    public static StreamName[] Several(Random random, int count)
    {
        var numbers = Enumerable.Range(0, Streams).ToArray();
        random.Shuffle(numbers);
        return [.. numbers.Take(count).Select(Stream)];
    }
}
