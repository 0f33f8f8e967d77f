using System.Diagnostics;

namespace EventSourcing.Torture;

/// <summary>Nobody hangs: each call ends within what the timeouts allow, and soon after the network is well again.</summary>
internal sealed class BoundCheck(TortureRun run, long healedAt)
{
    public void Check(History told, IReadOnlyList<ReadDone> reads)
    {
        Check("append", NetworkBounds.Append, [.. told.Attempts.Where(attempt => attempt.Begun.Attempt > 0).Select(attempt => (attempt.Begun.At, attempt.Ended?.At))]);
        Check("read", NetworkBounds.Read, [.. reads.Select(read => (read.Begun, (long?)read.Ended))]);
        foreach (var late in told.Attempts.Where(attempt =>
            Stopwatch.GetElapsedTime(healedAt, attempt.Begun.At) > NetworkBounds.Recovery && attempt.Outcome is AppendOutcome.Unknown or AppendOutcome.NotStored
            && attempt.Ended?.Error is not null))
        {
            run.Violation($"{Stopwatch.GetElapsedTime(healedAt, late.Begun.At).TotalSeconds:0.0} s after the network was well again an append still failed: {late.Ended!.Error}");
        }

        foreach (var late in reads.Where(read => Stopwatch.GetElapsedTime(healedAt, read.Begun) > NetworkBounds.Recovery && read.Error is not null))
        {
            run.Violation($"{Stopwatch.GetElapsedTime(healedAt, late.Begun).TotalSeconds:0.0} s after the network was well again a read still failed: {late.Error}");
        }
    }

    private void Check(string what, TimeSpan bound, IReadOnlyList<(long Begun, long? Ended)> calls)
    {
        run.Checked($"{what}s within their time", calls.Count);
        if (calls.Count(call => call.Ended is null) is var hanging and > 0)
        {
            run.Violation($"{hanging} {what}s have never ended.");
        }

        var ended = calls.Where(call => call.Ended is not null).Select(call => (call.Begun, Ended: call.Ended!.Value)).ToArray();
        var longest = ended.Select(call => Stopwatch.GetElapsedTime(call.Begun, call.Ended)).DefaultIfEmpty().Max();
        var afterwards = ended.Where(call => call.Ended > healedAt).Select(call => Stopwatch.GetElapsedTime(Math.Max(call.Begun, healedAt), call.Ended)).DefaultIfEmpty().Max();
        run.Figure($"longest {what}, s", Math.Round(longest.TotalSeconds, 1));
        run.Figure($"longest {what} in the good network, s", Math.Round(afterwards.TotalSeconds, 1));
        if (longest > bound)
        {
            run.Violation($"One of the {what}s took {longest.TotalSeconds:0.0} s, and the timeouts allow {bound.TotalSeconds:0.0} s.");
        }

        if (afterwards > NetworkBounds.Recovery)
        {
            run.Violation($"One of the {what}s ended {afterwards.TotalSeconds:0.0} s after the network was well again; {NetworkBounds.Recovery.TotalSeconds:0.0} s are enough.");
        }
    }
}
