namespace EventSourcing;

/// <summary>Counts what a dispatched command does to each stream, so that its second step is not taken for a repetition of its first.</summary>
internal sealed class CommandSteps(bool isCounting = true)
{
    private readonly Lock gate = new();
    private readonly Dictionary<StreamName, int> taken = [];

    /// <summary>Of a command that was not dispatched: nobody says where it ends and the next begins, so it is one step.</summary>
    public static CommandSteps One { get; } = new(isCounting: false);

    public bool IsCounting => isCounting;

    /// <summary>The number of the next step, from 0.</summary>
    public int Next(StreamName stream)
    {
        if (!isCounting)
        {
            return 0;
        }

        lock (gate)
        {
            var step = taken.GetValueOrDefault(stream);
            taken[stream] = step + 1;
            return step;
        }
    }

    /// <summary>Two contexts are equal whatever has been done with them.</summary>
    public override bool Equals(object? obj) => obj is CommandSteps;

    public override int GetHashCode() => 0;
}
