using System.Diagnostics;

namespace EventSourcing.TestInfrastructure;

/// <summary>
/// Outlives this process just long enough to stop its server and delete the data. It is a shell that reads from a
/// pipe which only this process holds open: the read ends when the process does, whether it returned from main, was
/// interrupted, terminated, or killed in a way that no handler inside it could see.
/// </summary>
internal sealed class Watchdog : IAsyncDisposable
{
    // Ctrl-C goes to the whole group, the watchdog included, which must not be the first to leave.
    private const string Script =
        """
        trap '' INT TERM HUP
        exec >/dev/null 2>&1
        data=$1
        shift
        while read -r line; do :; done
        "$@"
        rm -rf -- "$data"
        """;

    private readonly Process process;

    private Watchdog(Process process) => this.process = process;

    public static Watchdog Start(string data, string[] stopCommand)
    {
        var start = new ProcessStartInfo("/bin/sh", ["-c", Script, "watchdog", data, .. stopCommand])
        {
            WorkingDirectory = "/",
            RedirectStandardInput = true,
        };
        return new Watchdog(Process.Start(start)!);
    }

    public async ValueTask DisposeAsync()
    {
        process.StandardInput.Close();
        await process.WaitForExitAsync();
        process.Dispose();
    }
}
