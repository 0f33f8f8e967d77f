namespace EventSourcing.Torture;

/// <summary>One attempt, with its answer; nobody was told where there is none.</summary>
internal sealed record Attempt(AppendBegun Begun, AppendEnded? Ended)
{
    public AppendOutcome Outcome => Ended?.Outcome ?? AppendOutcome.Unknown;
}
