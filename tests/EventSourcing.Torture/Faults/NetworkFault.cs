namespace EventSourcing.Torture;

/// <summary>What a network does to one connection, sooner or later.</summary>
/// <param name="Kind">What happens.</param>
/// <param name="IsUp">Whether it happens to what the client sends; otherwise to what the server answers.</param>
/// <param name="AfterBytes">It happens when so many bytes have passed in that direction.</param>
internal sealed record NetworkFault(NetworkFaultKind Kind, bool IsUp, long AfterBytes)
{
    public static readonly NetworkFault None = new(NetworkFaultKind.None, IsUp: true, long.MaxValue);

    /// <summary>How late everything is that passes, from the beginning, and by how much more it may be.</summary>
    public TimeSpan Latency { get; init; }

    public TimeSpan Jitter { get; init; }

    /// <summary>One of any kind, or none.</summary>
    public static NetworkFault Random(Random random)
    {
        var isLate = random.Next(5) == 0;
        var kind = random.Next(2) == 0 ? NetworkFaultKind.None : (NetworkFaultKind)random.Next(1, Enum.GetValues<NetworkFaultKind>().Length);
        return new NetworkFault(kind, random.Next(2) == 0, (long)(200 * Math.Pow(10_000, random.NextDouble())))
        {
            Latency = TimeSpan.FromMilliseconds(isLate ? random.Next(1, 30) : 0),
            Jitter = TimeSpan.FromMilliseconds(isLate ? random.Next(1, 30) : 0),
        };
    }
}
