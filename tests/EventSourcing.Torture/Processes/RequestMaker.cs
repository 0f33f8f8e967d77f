using System.Text.Json;

namespace EventSourcing.Torture;

/// <summary>Appends of every kind: one stream and several, exact and not, new streams, streams that are only checked, large ones and odd text.</summary>
internal sealed class RequestMaker(Random random, ChildOptions options)
{
    private const string Odd = "\u0000\u2028\ud83d\ude00 ä\u0301 \"'\\;-- {0} %s \u202e";

    private readonly Dictionary<StreamName, StreamVersion> known = [];

    public AppendRequest Next() => random.Next(100) switch
    {
        < 30 => new AppendRequest([.. Streams(1, 4).Select(stream => Part(stream, ExpectedVersion.Any, events: random.Next(1, 4)))]),
        < 65 => new AppendRequest(Part(Streams(1, 2)[0], exact: true)),
        < 80 => new AppendRequest([.. Streams(2, 4).Select((stream, i) => Part(stream, exact: true, isChecked: i == 1 && random.Next(2) == 0))]),
        < 90 => new AppendRequest(Part(StreamName.For("fresh", random.Next(1_000_000)), ExpectedVersion.NoStream, random.Next(1, 20))),
        _ => new AppendRequest([.. Streams(1, 3).Select(stream => Part(stream, ExpectedVersion.StreamExists, events: 1))]),
    };

    /// <summary>Remembers what an answer tells of versions.</summary>
    public void Learn(AppendRequest request, AppendEnded answer)
    {
        foreach (var (part, version) in request.Streams.Zip(answer.Outcome == AppendOutcome.Stored ? answer.Versions : []))
        {
            known[part.Stream] = new StreamVersion(version);
        }

        foreach (var (stream, version) in answer.Actual)
        {
            known[new StreamName(stream)] = new StreamVersion(version);
        }
    }

    private StreamName[] Streams(int least, int below) =>
        [.. Enumerable.Range(0, random.Next(least, below)).Select(_ => random.Next(Accounts.Count)).Distinct().Select(number => StreamName.For(options.Category, number))];

    private StreamAppend Part(StreamName stream, bool exact, bool isChecked = false) =>
        Part(stream, exact ? ExpectedVersion.At(known.GetValueOrDefault(stream)) : ExpectedVersion.Any, isChecked ? 0 : random.Next(1, 4));

    private StreamAppend Part(StreamName stream, ExpectedVersion expected, int events) =>
        new(stream, expected, [.. Enumerable.Range(0, events).Select(_ => Event(stream))]);

    private EventData Event(StreamName stream)
    {
        var plain = Projections.Serializer.Serialize(NextEvent(stream));
        if (random.Next(options.ForeignOneIn) > 0)
        {
            return plain;
        }

        // Metadata as somebody else would write it: its blanks, its order and its escapes are to come back.
        var note = random.Next(options.LargeOneIn) == 0 ? new string('x', random.Next(1, 200_000)) : Odd;
        var metadata = $"{{ \"custom\" : {{\"note\":{JsonSerializer.Serialize(note)} ,\n \"b\":\"1\", \"a\":\"2\"}} }}";
        return new EventData(plain.Id, plain.Type, plain.Data, System.Text.Encoding.UTF8.GetBytes(metadata));
    }

    private object NextEvent(StreamName stream) => random.Next(100) switch
    {
        < 5 when Accounts.IsClosable(stream) => new Closed(),
        < 8 => new Cleared($"label-{random.Next(10)}"),
        _ => new Moved(random.Next(-500, 500), [.. Enumerable.Range(0, random.Next(4)).Select(_ => $"label-{random.Next(20)}")]),
    };
}
