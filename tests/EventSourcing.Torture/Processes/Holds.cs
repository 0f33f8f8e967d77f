namespace EventSourcing.Torture;

/// <summary>Places where a page waits until it is let go: before it is written, or in the middle of its transaction.</summary>
internal sealed class Holds(Action<string> say)
{
    /// <summary>The hold in the middle of a transaction of free SQL.</summary>
    public const string Inside = "inside";

    /// <summary>The hold of slow subscribers.</summary>
    public const string Slow = "slow";

    /// <summary>The hold before the ordinary subscriber sees an event.</summary>
    public const string Subscriber = "subscriber";

    private readonly Lock gate = new();
    private readonly Dictionary<string, TaskCompletionSource> waiting = [];

    /// <summary>The next page of a name waits.</summary>
    public void Hold(string name)
    {
        lock (gate)
        {
            waiting[name] = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }

        say($"holds {name}");
    }

    public void Release()
    {
        lock (gate)
        {
            foreach (var one in waiting.Values)
            {
                one.TrySetResult();
            }

            waiting.Clear();
        }
    }

    /// <summary>Waits where that is asked for, whoever else wants to go on meanwhile; says whether it has waited.</summary>
    public async Task<bool> PassAsync(string name)
    {
        TaskCompletionSource? hold;
        lock (gate)
        {
            hold = waiting.GetValueOrDefault(name);
        }

        if (hold is null)
        {
            return false;
        }

        say($"held {name}");
        await hold.Task;
        return true;
    }

    public Task PassInsideAsync() => PassAsync(Inside);
}
