using System.Globalization;

namespace EventSourcing.Torture;

/// <summary>What a process holds in memory.</summary>
/// <param name="Heap">Bytes that are still needed, after everything else was collected.</param>
/// <param name="WorkingSet">Bytes of the machine's memory that the process has.</param>
internal readonly record struct Memory(long Heap, long WorkingSet)
{
    public const string Beginning = "memory";

    /// <summary>Of this process, as a line for its parent.</summary>
    public static string Line()
    {
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Forced, blocking: true, compacting: true);
        GC.WaitForPendingFinalizers();
        return string.Create(CultureInfo.InvariantCulture, $"{Beginning} {GC.GetTotalMemory(forceFullCollection: true)} {Environment.WorkingSet}");
    }

    public static Memory Parse(string line) => line.Split(' ') is [_, var heap, var set]
        ? new Memory(long.Parse(heap, CultureInfo.InvariantCulture), long.Parse(set, CultureInfo.InvariantCulture))
        : throw new FormatException(line);
}
