using System.Globalization;

namespace EventSourcing.PostgreSql;

/// <summary>
/// The streams of a log that is being restored, by name: their versions have to follow. Those that were met lately only, because a
/// log may have more of them than there is memory; the others are looked up in the database when they come again.
/// </summary>
/// <param name="special">The streams that may begin with a later version than 1.</param>
internal sealed class RestoreStreams(IReadOnlyDictionary<StreamName, StreamInfo> special)
{
    /// <summary>A stream is forgotten when so many others were met since, at least. By then the batch that holds it is committed, and the
    /// database can be asked: it lies some batches back.</summary>
    private const int Lately = 6 * ImportBatch.MaxEvents;

    private Dictionary<StreamName, RestoreStream> lately = [];
    private Dictionary<StreamName, RestoreStream> before = [];

    /// <summary>The stream of an event that is added to a batch.</summary>
    /// <exception cref="ArgumentException">The event's version does not follow.</exception>
    public RestoreStream Of(RecordedEvent recorded, RestoreBatch batch)
    {
        var version = recorded.Version.Value;
        if (lately.TryGetValue(recorded.Stream, out var stream))
        {
            ThrowUnlessNext(recorded, stream.Version + 1);
        }
        else if (before.TryGetValue(recorded.Stream, out stream))
        {
            ThrowUnlessNext(recorded, stream.Version + 1);
            Keep(stream);
        }
        else
        {
            stream = new RestoreStream(recorded.Stream);
            var first = special.GetValueOrDefault(recorded.Stream)?.FirstVersion.Value ?? 1;
            if (version > first)
            {
                batch.Sought.Add((stream, recorded));
            }
            else
            {
                ThrowUnlessNext(recorded, first);
                batch.Begun.Add((stream, recorded, batch.Streams.Count));
            }

            Keep(stream);
        }

        stream.Version = version;
        return stream;
    }

    public static ArgumentException DoesNotFollow(RecordedEvent recorded, long expected) => new ArgumentException(string.Create(
        CultureInfo.InvariantCulture,
        $"The event at position {recorded.Position} of the source has version {recorded.Version} of stream '{recorded.Stream}', where version {expected} follows."));

    private static void ThrowUnlessNext(RecordedEvent recorded, long expected)
    {
        if (recorded.Version.Value != expected)
        {
            throw DoesNotFollow(recorded, expected);
        }
    }

    private void Keep(RestoreStream stream)
    {
        if (lately.Count == Lately)
        {
            (before, lately) = (lately, []);
        }

        lately.Add(stream.Name, stream);
    }
}
