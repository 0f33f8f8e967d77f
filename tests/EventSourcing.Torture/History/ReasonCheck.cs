namespace EventSourcing.Torture;

/// <summary>Whatever was stored was stored on its conditions, whatever was refused was refused for a reason, and what came again was told so.</summary>
/// <param name="run">Told what is wrong.</param>
/// <param name="history">What was asked and told.</param>
/// <param name="appends">What is there of it.</param>
/// <param name="events">The events by stream and version.</param>
internal sealed class ReasonCheck(
    TortureRun run, History history, IReadOnlyList<StoredAppend> appends, IReadOnlyDictionary<(string Stream, long Version), StoredEvent> events)
{
    public void Check()
    {
        foreach (var append in appends)
        {
            CheckWhatWasOnlyChecked(append);
        }

        foreach (var attempts in history.Appends.Values)
        {
            CheckRefusals(attempts);
            CheckRepetitions(attempts);
        }
    }

    /// <summary>
    /// A boundary over several streams: between the version that was checked and the append's commit nothing got into the stream.
    /// The check locks the stream, and positions are taken under locks: so what the stream held before lies below the append's
    /// first position, and what it got afterwards above its last one.
    /// </summary>
    private void CheckWhatWasOnlyChecked(StoredAppend append)
    {
        foreach (var part in append.Asked.Parts.Where(part => part.Events.Count == 0 && part.Expected != AppendBegun.Any))
        {
            run.Checked("streams that were only checked");
            var at = part.Expected == AppendBegun.StreamExists ? 1 : part.Expected;
            if (at > 0 && !(events.GetValueOrDefault((part.Stream, at))?.Position < append.First))
            {
                run.Violation($"{append.Name} is stored on the condition that {part.Stream} is at version {at}, which came later or never.");
            }

            if (part.Expected >= 0 && events.GetValueOrDefault((part.Stream, at + 1)) is { } next && next.Position < append.Last)
            {
                run.Violation($"{append.Name} is stored on the condition that {part.Stream} is at version {at}, and {next} had got in before.");
            }
        }
    }

    /// <summary>Whoever was refused was refused for a reason.</summary>
    private void CheckRefusals(IReadOnlyList<Attempt> attempts)
    {
        foreach (var attempt in attempts.Where(attempt => attempt.Outcome == AppendOutcome.Conflict))
        {
            run.Checked("conflicts with a reason");
            var expected = attempt.Begun.Parts.ToDictionary(part => part.Stream, part => part.Expected, StringComparer.Ordinal);
            if (attempt.Ended!.Actual.Count == 0 && attempt.Ended.Unseen is null)
            {
                run.Violation($"Append {attempt.Begun.Append} was refused without a stream that is not as expected, or an event that it had not read.");
            }

            foreach (var (stream, actual) in attempt.Ended.Actual)
            {
                var isReason = expected.TryGetValue(stream, out var wanted) && wanted switch
                {
                    AppendBegun.Any => false,
                    AppendBegun.StreamExists => actual == 0,
                    _ => actual != wanted,
                };
                if (!isReason)
                {
                    run.Violation($"Append {attempt.Begun.Append} was refused because {stream} is at {actual}, which is what it expected.");
                }
            }
        }
    }

    /// <summary>What is exact may be sent again: it is told the first result, and that it is an old one.</summary>
    private void CheckRepetitions(IReadOnlyList<Attempt> attempts)
    {
        var parts = attempts[0].Begun.Parts.Where(part => part.Events.Count > 0).ToArray();
        if (parts.Length == 0 || parts.Any(part => part.Expected < 0))
        {
            return;
        }

        var wasStored = false;
        foreach (var attempt in attempts.Where(attempt => attempt.Ended is not null))
        {
            if (wasStored)
            {
                run.Checked("repetitions");
                if (attempt.Outcome == AppendOutcome.Conflict || attempt is { Outcome: AppendOutcome.Stored, Ended.AlreadyStored: false })
                {
                    run.Violation($"Append {attempt.Begun.Append} had been acknowledged, and was told {attempt.Outcome} when it came again.");
                }
            }

            wasStored |= attempt.Outcome == AppendOutcome.Stored;
        }
    }
}
