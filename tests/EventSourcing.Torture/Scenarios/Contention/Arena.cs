using System.Diagnostics;

namespace EventSourcing.Torture;

/// <summary>The few streams and tags that all contenders fight for. They are left for new ones every few seconds, so that they stay short
/// enough to be folded, and being the first is fought for, too.</summary>
internal static class Arena
{
    public const int Streams = 8;
    public const string TagKind = "topic";
    public const string RareType = "settled";

    // So few that nearly every decision meets others.
    private const int TopicCount = 6;

    private static readonly TimeSpan Season = TimeSpan.FromSeconds(4);

    /// <summary>The machine's steady clock is one for all processes, so all of them are in the same season.</summary>
    private static long Now => Stopwatch.GetTimestamp() / (long)(Season.TotalSeconds * Stopwatch.Frequency);

    public static StreamName Stream(int number) => StreamName.For("contended", $"{Now}-{number}");

    /// <summary>One of the streams, the first ones much more often than the last.</summary>
    public static StreamName Any(Random random) => Stream((int)(Streams * Math.Pow(random.NextDouble(), 2)));

    /// <summary>Several different ones in any order, so that many cross each other's way.</summary>
    public static StreamName[] Several(Random random, int count) => [.. Numbers(random, Streams, count).Select(Stream)];

    /// <summary>Several different things that events are about, in any order.</summary>
    public static string[] Topics(Random random, int count) => [.. Numbers(random, TopicCount, count).Select(number => $"{Now}-{number}")];

    /// <summary>A query of any shape, which overlaps with some others and not with all of their tags.</summary>
    public static EventQuery Query(Random random)
    {
        var tags = Topics(random, 3).Select(topic => Tag.For(TagKind, topic)).ToArray();
        return random.Next(10) switch
        {
            < 3 => new EventQuery(new EventQueryItem { Tags = [tags[0]] }),
            < 5 => new EventQuery(new EventQueryItem { Tags = [tags[0], tags[1]] }),
            < 7 => new EventQuery(new EventQueryItem { Tags = [tags[0]] }, new EventQueryItem { Tags = [tags[1]] }),
            < 9 => new EventQuery(new EventQueryItem { Types = [RareType], Tags = [tags[0]] }, new EventQueryItem { Tags = [tags[1], tags[2]] }),
            _ => new EventQuery(new EventQueryItem { Types = [RareType] }),
        };
    }

    private static IEnumerable<int> Numbers(Random random, int below, int count)
    {
        var numbers = Enumerable.Range(0, below).ToArray();
        random.Shuffle(numbers);
        return numbers.Take(count);
    }
}
