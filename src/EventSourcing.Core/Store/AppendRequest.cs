using System.Globalization;

namespace EventSourcing;

/// <summary>
/// One atomic append: the parts of one or several streams. All of it is stored or nothing is; positions follow the order
/// of the parts, and within a part the order of its events.
/// </summary>
public sealed class AppendRequest
{
    /// <summary>Checks and wraps the parts of one append.</summary>
    /// <param name="streams">At least one part; a stream stands in at most one of them.</param>
    /// <exception cref="ArgumentException">There is no part, a part is null, a stream stands in two parts, or two events
    /// share an id.</exception>
    public AppendRequest(params IReadOnlyList<StreamAppend> streams)
    {
        ArgumentNullException.ThrowIfNull(streams);
        if (streams.Count == 0)
        {
            throw new ArgumentException("An append names at least one stream.", nameof(streams));
        }

        if (streams.Contains(null!))
        {
            throw new ArgumentException("A part of an append is null.", nameof(streams));
        }

        Streams = [.. streams];
        EventCount = streams.Count == 1 ? streams[0].Events.Count : streams.Sum(part => part.Events.Count);
        ThrowIfRepeated(streams, EventCount);
    }

    /// <summary>The parts, in the order in which their events get their positions.</summary>
    public IReadOnlyList<StreamAppend> Streams { get; }

    /// <summary>What must hold besides; nothing by default. A repetition of an append that is stored is answered before it is looked at:
    /// it would find the append's own events.</summary>
    public AppendCondition? Condition { get; init; }

    /// <summary>How many events all parts hold together.</summary>
    public int EventCount { get; }

    /// <summary>For adapters: refuses an append that is larger than the store takes, as a whole or by one of its events.</summary>
    /// <param name="maxEventBytes">The most bytes of payload and metadata together, for each event.</param>
    /// <param name="maxAppendBytes">The same for all its events together; no limit by default.</param>
    /// <exception cref="ArgumentException">An event is larger, or all of them together are.</exception>
    public void ThrowIfLargerThan(int maxEventBytes, long maxAppendBytes = long.MaxValue)
    {
        var appendBytes = 0L;
        foreach (var part in Streams)
        {
            foreach (var data in part.Events)
            {
                var bytes = (long)data.Data.Length + data.Metadata.Length;
                if (bytes > maxEventBytes)
                {
                    throw new ArgumentException(
                        string.Create(
                            CultureInfo.InvariantCulture,
                            $"An event '{data.Type}' for stream '{part.Stream}' has {bytes:N0} bytes; this store takes {maxEventBytes:N0} an event. ")
                        + "Keep large content elsewhere and store its address, or raise MaxEventBytes.");
                }

                appendBytes += bytes;
            }
        }

        if (appendBytes > maxAppendBytes)
        {
            throw new ArgumentException(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"An append of {EventCount:N0} events has {appendBytes:N0} bytes; this store takes {maxAppendBytes:N0} an append. ")
                + "Divide it, or raise MaxAppendBytes.");
        }
    }

    private static void ThrowIfRepeated(IReadOnlyList<StreamAppend> streams, int eventCount)
    {
        if (streams.Count > 1)
        {
            var names = new HashSet<StreamName>(streams.Count);
            foreach (var part in streams)
            {
                if (!names.Add(part.Stream))
                {
                    throw new ArgumentException($"Stream '{part.Stream}' stands in two parts of one append; put its events in one.", nameof(streams));
                }
            }
        }

        if (eventCount > 1)
        {
            var ids = new HashSet<Guid>(eventCount);
            foreach (var part in streams)
            {
                foreach (var data in part.Events)
                {
                    if (!ids.Add(data.Id))
                    {
                        throw new ArgumentException($"Two events of one append share the id {data.Id}.", nameof(streams));
                    }
                }
            }
        }
    }
}
