namespace EventSourcing.Torture;

/// <summary>An append is about to be sent.</summary>
/// <param name="Append">The append; the same for each attempt with the same events.</param>
/// <param name="Attempt">Which attempt it is, from 1.</param>
/// <param name="At">When, in ticks of the machine's steady clock, which is one for all its processes.</param>
/// <param name="Parts">What is asked for.</param>
internal sealed record AppendBegun(Guid Append, int Attempt, long At, IReadOnlyList<AppendBegun.Part> Parts)
{
    public const long Any = -1;
    public const long StreamExists = -2;

    /// <summary>One stream's part.</summary>
    /// <param name="Stream">The stream.</param>
    /// <param name="Expected">Its version; or <see cref="Any"/> or <see cref="StreamExists"/>.</param>
    /// <param name="Events">The events in order, none where it is only checked.</param>
    internal sealed record Part(string Stream, long Expected, IReadOnlyList<Event> Events);

    /// <summary>An event, its content as a fingerprint.</summary>
    internal sealed record Event(Guid Id, string Print)
    {
        public IReadOnlyList<string> Tags { get; init; } = [];
    }

    public static AppendBegun Of(AppendRequest request, Guid append, int attempt, long at) => new(append, attempt, at, [.. request.Streams.Select(part => new Part(
        part.Stream.Value,
        part.Expected.IsExact ? part.Expected.Version.Value : part.Expected == ExpectedVersion.Any ? Any : StreamExists,
        [.. part.Events.Select(data => new Event(data.Id, Fingerprint.Of(data.Type, data.Data.Span, data.Metadata.Span))
        {
            Tags = [.. data.Tags.Select(tag => tag.Value)],
        })]))]);
}
