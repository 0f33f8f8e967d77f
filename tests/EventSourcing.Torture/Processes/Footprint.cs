using System.Diagnostics;
using System.Globalization;

namespace EventSourcing.Torture;

/// <summary>What a process takes of its machine.</summary>
/// <param name="Heap">Bytes of managed objects that are still in use.</param>
/// <param name="WorkingSet">Bytes of memory.</param>
/// <param name="Handles">Open files and connections.</param>
/// <param name="Threads">Threads.</param>
internal sealed record Footprint(long Heap, long WorkingSet, int Handles, int Threads)
{
    /// <summary>How a process begins to tell its own.</summary>
    public const string Beginning = "takes ";

    public static Footprint OfThisProcess()
    {
        // Twice, for what has a finalizer.
        for (var i = 0; i < 2; i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }

        using var process = Process.GetCurrentProcess();
        return new Footprint(GC.GetTotalMemory(forceFullCollection: true), process.WorkingSet64, Directory.GetFileSystemEntries("/proc/self/fd").Length, process.Threads.Count);
    }

    public static Footprint Parse(string line)
    {
        var numbers = line[Beginning.Length..].Split(' ').Select(number => long.Parse(number, CultureInfo.InvariantCulture)).ToArray();
        return new Footprint(numbers[0], numbers[1], (int)numbers[2], (int)numbers[3]);
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Beginning}{Heap} {WorkingSet} {Handles} {Threads}");
}
