using System.Diagnostics;
using EventSourcing.TestInfrastructure;

namespace EventSourcing.Torture;

/// <summary>A filesystem of its own with little room, in memory. It is really full when it is: the kernel says so. It goes when this
/// process does.</summary>
internal sealed class SmallDisk : IAsyncDisposable
{
    private readonly Watchdog watchdog;

    private SmallDisk(string path, string[] unmount)
    {
        Path = path;
        watchdog = Watchdog.Start(path, unmount);
    }

    public string Path { get; }

    private string Ballast => System.IO.Path.Combine(Path, "ballast");

    /// <summary>Mounts one that everybody may write to.</summary>
    /// <exception cref="ProofFailedException">That is not allowed here; nothing can be proven then.</exception>
    public static async Task<SmallDisk> MountAsync(int megabytes)
    {
        // Where the server's user gets to, whoever runs this.
        var path = $"/tmp/eventsourcing-disk-{Guid.NewGuid():N}";
        Directory.CreateDirectory(path);
        string[] privilege = Environment.IsPrivilegedProcess ? [] : ["sudo", "-n"];
        var (isMounted, said) = await RunAsync([.. privilege, "mount", "-t", "tmpfs", "-o", $"size={megabytes}m,mode=0777", "eventsourcing-torture", path]);
        if (!isMounted)
        {
            Directory.Delete(path);
            throw new ProofFailedException($"A small disk could not be set up, so nothing is proven: mounting takes root, or sudo without a password. {said}");
        }

        return new SmallDisk(path, [.. privilege, "umount", "--lazy", path]);
    }

    /// <summary>Somebody else takes all the room that is left.</summary>
    public void Fill()
    {
        var megabyte = new byte[1024 * 1024];
        using var file = new FileStream(Ballast, FileMode.Append, FileAccess.Write, FileShare.None, bufferSize: 0);
        for (var size = megabyte.Length; size >= 4096;)
        {
            try
            {
                file.Write(megabyte, 0, size);
            }
            catch (IOException)
            {
                size /= 2;
            }
        }
    }

    /// <summary>Gives the room back.</summary>
    public void Free() => File.Delete(Ballast);

    /// <summary>For a server that no longer uses it.</summary>
    public ValueTask DisposeAsync() => watchdog.DisposeAsync();

    public static async Task<(bool IsDone, string Said)> RunAsync(string[] command)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(command[0], command[1..]) { RedirectStandardError = true })!;
            var said = await process.StandardError.ReadToEndAsync();
            await process.WaitForExitAsync();
            return (process.ExitCode == 0, $"'{string.Join(' ', command)}' ended with {process.ExitCode}: {said}");
        }
        catch (System.ComponentModel.Win32Exception failure)
        {
            return (false, $"'{string.Join(' ', command)}': {failure.Message}");
        }
    }
}
