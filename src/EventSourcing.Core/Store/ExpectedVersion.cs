namespace EventSourcing;

/// <summary>What an append demands of a stream before anything is written.</summary>
/// <remarks>
/// Only an exact expectation (<see cref="NoStream"/>, <see cref="At(StreamVersion)"/>) makes a retry safe: the same
/// events appended again at the same expected version succeed with the first result and are not stored twice.
/// </remarks>
public readonly record struct ExpectedVersion
{
    private readonly Kind kind;
    private readonly long version;

    private ExpectedVersion(Kind kind, long version = 0)
    {
        this.kind = kind;
        this.version = version;
    }

    private enum Kind : byte
    {
        // default(ExpectedVersion), which demands nothing in particular and is refused.
        Unspecified,
        Any,
        StreamExists,
        Exact,
    }

    /// <summary>The stream may be at any version, or not exist.</summary>
    public static ExpectedVersion Any => new(Kind.Any);

    /// <summary>The stream has no event yet.</summary>
    public static ExpectedVersion NoStream => new(Kind.Exact);

    /// <summary>The stream has at least one event.</summary>
    public static ExpectedVersion StreamExists => new(Kind.StreamExists);

    /// <summary>Whether the expectation names one version, as <see cref="NoStream"/> and <see cref="At(StreamVersion)"/> do.</summary>
    public bool IsExact => kind == Kind.Exact;

    internal bool IsDefault => kind == Kind.Unspecified;

    /// <summary>The stream is at exactly this version; version 0 is <see cref="NoStream"/>.</summary>
    /// <param name="version">The version of the last event that the caller has seen.</param>
    public static ExpectedVersion At(StreamVersion version) => new(Kind.Exact, version.Value);

    /// <summary>The stream is at exactly this version; 0 is <see cref="NoStream"/>.</summary>
    /// <param name="version">The version of the last event that the caller has seen, 0 or more.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="version"/> is negative.</exception>
    public static ExpectedVersion At(long version) => At(new StreamVersion(version));

    /// <summary>The version that is demanded.</summary>
    /// <exception cref="InvalidOperationException">The expectation is not exact.</exception>
    public StreamVersion Version =>
        IsExact ? new StreamVersion(version) : throw new InvalidOperationException($"{this} names no version.");

    /// <summary>Whether a stream at this version meets the expectation.</summary>
    /// <param name="current">The stream's version; 0 where there is no stream.</param>
    public bool IsMetBy(StreamVersion current) => kind switch
    {
        Kind.Any => true,
        Kind.StreamExists => current > StreamVersion.None,
        Kind.Unspecified => throw new InvalidOperationException("default(ExpectedVersion) demands nothing; use Any, NoStream, StreamExists or At(n)."),
        _ => current == Version,
    };

    /// <summary>The name of the expectation, for messages.</summary>
    public override string ToString() => kind switch
    {
        Kind.Any => "any version",
        Kind.StreamExists => "an existing stream",
        Kind.Unspecified => "unspecified",
        _ => version == 0 ? "no stream" : $"version {Version}",
    };
}
