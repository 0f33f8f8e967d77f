namespace BoxOffice;

/// <summary>What the command line asks for.</summary>
/// <param name="Postgres">A connection string; null for in memory.</param>
/// <param name="RabbitMq">The broker; null for showing messages on the screen.</param>
public sealed record BoxOfficeOptions(string? Postgres, Uri? RabbitMq)
{
    /// <summary>How long a seat is held for who is to pay.</summary>
    public TimeSpan HoldTime { get; init; } = TimeSpan.FromSeconds(4);
}
